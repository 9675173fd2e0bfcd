package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/mysql"

	"slipway/internal/migrate/schema"
)

// TestColumnTypesOfTheDocument sends each example in the table of docs/tables.md, and filters by
// it with each operator.
func TestColumnTypesOfTheDocument(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/tables.md")
	if err != nil {
		t.Fatal(err)
	}
	columns := columnsByType(t)
	p := newTypesPair(t)
	p.do("POST", "/samples", `{"tiny":1,"count":1,"ratio":1,"wide":1,"level":1,"word":"w","more":"m",`+
		`"seen_at":"2026-01-01T00:00:00Z","slash":"a","sql":"a"}`)
	examples := 0
	_, table, _ := strings.Cut(string(document), "| MySQL | you send |")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, " | ")
		if len(cells) != 4 || !strings.HasPrefix(line, "| `") {
			continue
		}
		send, want := strings.Trim(cells[1], "`"), strings.Trim(cells[2], "`")
		for _, name := range code.FindAllString(cells[0], -1) {
			column := columns[normalType(t, strings.Trim(name, "`"))]
			if column == "" {
				t.Errorf("no column has the type %s", name)
				continue
			}
			examples++
			got := p.do("PATCH", "/samples/1", `{"`+column+`":`+send+`}`)
			if got.Status != http.StatusOK || !strings.Contains(got.Body, `"`+column+`":`+want+`,`) {
				t.Errorf("%s: %s becomes %d %s, want %s", name, send, got.Status, got.Body, want)
			}
			checkOperators(t, p, column, want, cells[3])
		}
	}
	if examples < 30 {
		t.Errorf("only %d examples", examples)
	}
}

var code = regexp.MustCompile("`[^`]+`")

// checkOperators checks that a column supports the operators in a cell of the document, and
// no others.
func checkOperators(t *testing.T, p *pair, column, value, cell string) {
	t.Helper()
	basic := []string{"eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "null"}
	texts := []string{"like", "starts", "contains"}
	var supported []string
	switch cell = strings.TrimSpace(cell); {
	case strings.HasPrefix(cell, "all but"):
		supported = basic
	case strings.HasPrefix(cell, "all"):
		supported = append(slices.Clone(basic), texts...)
	default:
		for _, op := range code.FindAllString(cell, -1) {
			supported = append(supported, strings.Trim(op, "`"))
		}
	}
	var text string
	if json.Unmarshal([]byte(value), &text) != nil {
		text = strings.Trim(strings.Split(value, ",")[0], `[]"`)
	}
	for _, op := range append(basic, texts...) {
		sent := text
		if op == "null" {
			sent = "false"
		}
		got := p.mysql.Do("GET", "/samples?fields=id&"+column+"["+op+"]="+url.QueryEscape(sent), "")
		if want := slices.Contains(supported, op); want != (got.Status == http.StatusOK) {
			t.Errorf("%s[%s]=%s: %d %s, supported: %v", column, op, sent, got.Status, got.Body, want)
		}
	}
	sorted := p.mysql.Do("GET", "/samples?sort="+column, "").Status == http.StatusOK
	if want := !strings.HasSuffix(cell, "no sorting |") || strings.Contains(cell, "on SQLite"); sorted != want {
		t.Errorf("%s is sorted: %v, want %v", column, sorted, want)
	}
}

// columnsByType returns a column of samples for each type.
func columnsByType(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../migrate/rowtypes/testdata/types/schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.MySQL("schema.hcl", text)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]string{}
	for _, c := range s.Tables[0].Columns[1:] {
		name, err := mysql.FormatType(c.Type.Type)
		if err != nil {
			t.Fatal(err)
		}
		if columns[name] == "" && !strings.HasSuffix(c.Name, "ed_at") || c.Name == "seen_at" {
			columns[name] = c.Name
		}
	}
	return columns
}

// normalType returns a type as Atlas writes it.
func normalType(t *testing.T, name string) string {
	t.Helper()
	typ, err := mysql.ParseType(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := mysql.FormatType(typ)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
