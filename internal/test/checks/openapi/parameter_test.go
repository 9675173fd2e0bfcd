package openapi

import (
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// TestOpenAPIParameters checks that the API accepts the values of a parameter that match its
// schema, and no others.
func TestOpenAPIParameters(t *testing.T) {
	t.Parallel()
	api := apitest.New(t, blog.SQLite(t), nil)
	for _, o := range newWalk(api).operations() {
		if o.method == http.MethodHead { // the same as GET
			continue
		}
		for _, p := range o.parameters {
			name := o.text(p, "name")
			if o.text(p, "in") != "query" || name == "cursor" { // cannot be generated
				continue
			}
			good, bad := o.values(o.at(p, "schema"))
			for status, values := range map[int][]string{http.StatusOK: good, http.StatusBadRequest: bad} {
				for _, value := range values {
					if got := try(api, o, name, value); got.Status != status {
						t.Errorf("%s with %s=%.40s: %d %s, want %d", o, name, value, got.Status, got.Body, status)
					}
				}
			}
		}
	}
}

// try sends a request with one parameter. A bulk write is valid and matches no rows.
func try(api *apitest.API, o operation, name, value string) apitest.Response {
	api.T.Helper()
	query, body := url.Values{}, ""
	if o.parameter("dry_run") != nil {
		query.Set("id[lt]", "0")
		query.Set("dry_run", "true")
	}
	if o.described["requestBody"] != nil {
		body = "{}"
	}
	query.Set(name, value)
	return api.Do(o.method, strings.ReplaceAll(o.path, "{id}", "1")+"?"+query.Encode(), body)
}

// values returns valid and invalid values of a parameter with this schema.
func (s *specification) values(schema any) (good, bad []string) {
	item := s.at(schema, "items")
	if item == nil {
		item = schema
	}
	good = append(good, fmt.Sprint(s.sample(item, 1)))
	for _, choice := range s.list(item, "enum") {
		good = append(good, choice.(string))
	}
	pattern := regexp.MustCompile(s.text(item, "pattern"))
	text := s.text(item, "type") == "string" && s.at(item, "enum") == nil
	for _, value := range []string{"nothing", "", "a\x00b", `"a`, `"a",b`, "1,2", "0999-12-31T23:59:59Z"} {
		switch {
		case !text || !pattern.MatchString(value):
			bad = append(bad, value)
		case pattern.String() != "":
			good = append(good, value)
		}
	}
	if n, ok := s.at(schema, "minimum").(float64); ok {
		in, out := end(n, -1)
		good, bad = append(good, in), append(bad, out)
	}
	if n, ok := s.at(schema, "maximum").(float64); ok {
		in, out := end(n, 1)
		good, bad = append(good, in), append(bad, out)
	}
	if n, ok := s.at(schema, "maxLength").(float64); ok {
		good, bad = append(good, strings.Repeat("ä", int(n))), append(bad, strings.Repeat("ä", int(n)+1))
	}
	return good, bad
}

// end returns the last number of a range and the first one after it. 2⁶³ and 2⁶⁴ in a float64 are 2⁶³-1 and 2⁶⁴-1 in
// the document.
func end(n float64, step int64) (in, out string) {
	last, _ := big.NewFloat(n).Int(nil)
	if n == 1<<63 || n == 1<<64 {
		last.Sub(last, big.NewInt(1))
	}
	return last.String(), last.Add(last, big.NewInt(step)).String()
}

// TestOpenAPIFilters checks that the document describes the filters that the API accepts,
// and no others.
func TestOpenAPIFilters(t *testing.T) {
	t.Parallel()
	api := apitest.New(t, blog.SQLite(t), nil)
	s := newSpecification(api)
	s.filters(api)
	for _, o := range s.operations() {
		for _, name := range []string{"title[eq]", "title[starts]", "id[in]", "created_at[gte]", "content[null]"} {
			if o.path == "/notes" && o.method != http.MethodPost && o.parameter(name) == nil {
				t.Errorf("%s has no parameter %s", o, name)
			}
		}
	}
}

// filters checks the filters of all tables.
func (s *specification) filters(api *apitest.API) {
	for _, o := range s.operations() {
		if o.parameter("page") == nil || strings.Contains(o.path, "{id}") {
			continue
		}
		for _, field := range s.list(o.parameter("fields"), "schema", "items", "enum") {
			value := "1"
			if p := o.parameter(field.(string) + "[eq]"); p != nil {
				value = fmt.Sprint(s.sample(s.at(p, "schema"), 1))
				if got := try(api, o, field.(string), value); got.Status != http.StatusOK {
					s.t.Errorf("%s with %s: %d %s", o, field, got.Status, got.Body)
				}
			}
			ops := []string{"eq", "ne", "gt", "gte", "lt", "lte", "like", "in", "nin", "null", "starts", "contains", "is"}
			for _, op := range ops {
				name := fmt.Sprintf("%s[%s]", field, op)
				good := value
				if p := o.parameter(name); p != nil {
					good = fmt.Sprint(s.sample(s.at(p, "schema"), 1))
				}
				if got := try(api, o, name, good); (got.Status == http.StatusOK) != (o.parameter(name) != nil) {
					s.t.Errorf("%s with %s: %d %s, described: %v", o, name, got.Status, got.Body, o.parameter(name) != nil)
				}
			}
		}
	}
}
