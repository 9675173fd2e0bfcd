package httpapi_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

// randreq generates random requests from a seed. It uses ETags and links from earlier responses.
type randreq struct {
	*rand.Rand
	tags, links []string
	// seen are paths of rows with their ETags: "/notes/7 tag".
	seen []string
}

type randRequest struct {
	method, path, body string
	headers            []string
}

func newRandreq(seed uint64) *randreq {
	return &randreq{Rand: rand.New(rand.NewPCG(seed, seed)), tags: []string{`"none"`}, links: []string{"/notes"}}
}

// learn records the ETag and the links of a response.
func (d *randreq) learn(path string, got response) {
	if tag := got.Header.Get("ETag"); tag != "" {
		d.tags = append(d.tags[max(0, len(d.tags)-20):], tag)
		if location := got.Header.Get("Location"); location != "" {
			path = location
		}
		d.seen = append(d.seen[max(0, len(d.seen)-8):], path+" "+tag)
	}
	if next := got.Next(); next != "" {
		d.links = append(d.links[max(0, len(d.links)-5):], next)
	}
}

func (d *randreq) of(options ...string) string { return options[d.IntN(len(options))] }

// chance returns true with a probability of n percent.
func (d *randreq) chance(n int) bool { return d.IntN(100) < n }

var texts = []string{
	"", "a", "A", "b", "ab", "aB", "a ", " a", "ä", "a\u0308", "ß", "ss", "é", "中文", "😀", "😀a", "\U0010FFFF", "\uFFFD",
	"\uE000", "\uD7FF",
	"%", "_", "!", "\\", "'", "\"", "`", "a%", "a_b", "a!b", `a\b`, "--", "/*", ";", "0", "1", "-1", "1e3", "true", "null",
	"\n", "\t", "\x01", "\x7f", "\u2028",
	"' OR '1'='1", "a, b", "[x]", "a.b", "x=y&z", "+", "#", "?", "/", "\u200d", "\u202e", strings.Repeat("é", 81),
	strings.Repeat("x", 201),
}

func (d *randreq) text() string { return texts[d.IntN(len(texts))] }

func (d *randreq) id() string {
	if d.chance(5) {
		return d.of("0", "-1", "abc", "01", "1.0", "9223372036854775807", "9223372036854775808", "%31", "1%20")
	}
	return fmt.Sprint(1 + d.IntN(12) + d.IntN(12)*d.IntN(12))
}

func (d *randreq) number() string {
	return d.of("0", "1", "-1", "2", "0.1", "1e300", "-0", "3.5", "1e-7", "9007199254740993", "1e999", "NaN", "x", "")
}

// tables are the tables with their writable members and their columns.
var tables = map[string]struct{ members, columns []string }{
	"users": {[]string{"username", "email", "bio", "is_active", "score"},
		[]string{"id", "username", "email", "bio", "is_active", "score", "created_at", "updated_at"}},
	"posts": {[]string{"title", "body", "user_id"},
		[]string{"id", "title", "body", "user_id", "created_at", "updated_at"}},
	"notes": {[]string{"title", "content"}, []string{"id", "title", "content", "created_at", "updated_at"}},
}

func (d *randreq) table() string { return d.of("users", "posts", "notes") }

// value returns a JSON value for a member. It is usually valid.
func (d *randreq) value(member string) string {
	if d.chance(6) {
		return d.of("null", "1", `"x"`, "true", "[]", "{}", "1.5", `"\ud800"`, `"\u0000"`, "-0", `""`)
	}
	switch member {
	case "email":
		return quote(d.of("a", "b", "c", "d", "e", "f", "g", "h", "A", "ä") + d.of("", "1", "2", "3", "4", "5") + "@x.org")
	case "username":
		return quote(d.text() + d.of("", "1", "2", "3"))
	case "is_active":
		return d.of("true", "false")
	case "score":
		return d.of("0", "1", "-1.5", "0.1", "1e300", "-0.0", "3", "2", "7e-9")
	case "user_id":
		return d.id()
	case "bio", "body", "content":
		if member != "content" && d.chance(30) {
			return "null"
		}
		if d.chance(3) { // MySQL's default sort buffer has 256 KiB
			return quote(strings.Repeat(d.of("x", "é", "😀"), d.IntN(200_000)) + d.text())
		}
	}
	return quote(d.text())
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (d *randreq) object(table string, all bool) string {
	var members []string
	for _, m := range tables[table].members {
		if all && d.chance(93) || d.chance(35) {
			members = append(members, quote(m)+":"+d.value(m))
		}
	}
	if d.chance(4) {
		members = append(members, d.of(`"id":5`, `"colour":"red"`, `"created_at":"x"`, `"Title":"x"`, `"title":"again"`))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (d *randreq) body(table string, all bool) string {
	if d.chance(3) {
		return d.of("", "{", "null", `"x"`, "7", "[]", "[{}]", "[[]]", "{}{}", "\xff", `{"a":{"b":[1]}}`)
	}
	if all && d.chance(20) {
		rows := make([]string, 1+d.IntN(4))
		for i := range rows {
			rows[i] = d.object(table, true)
		}
		return "[" + strings.Join(rows, ",") + "]"
	}
	return d.object(table, all)
}

// filter returns a filter by one field.
func (d *randreq) filter(table string) string {
	columns := tables[table].columns
	field := columns[d.IntN(len(columns))]
	op := d.of("", "", "eq", "ne", "gt", "gte", "lt", "lte", "like", "in", "nin", "null", "starts", "contains")
	if d.chance(3) {
		field, op = d.of(field, "colour", "", "Id"), d.of(op, "near", "EQ", "")
	}
	one := func() string {
		if d.chance(4) {
			return d.text()
		}
		switch field {
		case "id", "user_id":
			return d.id()
		case "score":
			return d.number()
		case "is_active":
			return d.of("true", "false")
		case "created_at", "updated_at":
			return d.of("2026-01-31T12:00:00Z", "2026-01-31T12:10:00.5Z", "2026-01-31T14:20:00+02:00",
				"2026-01-31T12:30:00.123456789Z", "yesterday")
		}
		return d.text()
	}
	value := one()
	switch op {
	case "in", "nin":
		if d.chance(30) {
			value = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		}
		value += "," + one() + "," + one()
	case "null":
		value = d.of("true", "false", "maybe")
	case "like":
		value = d.of("%", "_", "a%", "%a", "%a%", "_%", "a_", "", d.text(), d.text()+"%")
	}
	name := field
	if op != "" {
		name += "[" + op + "]"
	}
	return url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

func (d *randreq) query(table string, list bool) string {
	var params []string
	for range d.IntN(3) {
		params = append(params, d.filter(table))
	}
	add := func(chance int, make func() string) {
		if d.chance(chance) {
			params = append(params, make())
		}
	}
	columns := tables[table].columns
	names := func() string {
		var keys []string
		for _, i := range d.Perm(len(columns))[:1+d.IntN(3)] {
			keys = append(keys, columns[i])
		}
		return strings.Join(keys, ",")
	}
	if list {
		add(50, func() string {
			keys := strings.Split(names(), ",")
			for i := range keys {
				keys[i] = d.of("", "-") + keys[i]
			}
			return "sort=" + strings.Join(keys, d.of(",", ",", "&sort="))
		})
		add(40, func() string { return "per_page=" + d.of("1", "2", "3", "5", "1000", "0", "1001", "x") })
		add(20, func() string { return "page=" + d.of("1", "2", "3", "99", "0", "-1") })
		add(15, func() string { return "count=" + d.of("exact", "exact", "none") })
		add(3, func() string { return "cursor=" + d.of("", "x", "AAAA") })
	} else {
		add(40, func() string { return "dry_run=" + d.of("true", "false", "1") })
		add(30, func() string { return "max_affected=" + d.of("0", "1", "2", "50", "-1", "x") })
		add(5, func() string { return "all=" + d.of("true", "false", "x") })
	}
	add(15, func() string { return "fields=" + names() })
	add(15, func() string { return "include=" + d.of("author", "posts", "posts", "author", "x") })
	return strings.Join(params, "&")
}

// request returns a random request.
func (d *randreq) request() randRequest {
	table := d.table()
	r := randRequest{path: "/" + table}
	below := ""
	if d.chance(15) {
		table, below = "posts", "/users/"+d.id()+"/posts"
	}
	switch n := d.IntN(100); {
	case n < 25: // create
		r.method, r.body = "POST", d.body(table, true)
		if below != "" {
			r.path = below
		}
		if d.chance(20) {
			r.headers = append(r.headers, "Idempotency-Key: "+d.of("one", "two", "three", "four"))
		}
	case n < 55: // list
		r.method = d.of("GET", "GET", "GET", "HEAD")
		if below != "" {
			r.path = below
		}
		r.path += "?" + d.query(table, true)
		if d.chance(25) {
			r.path = d.links[d.IntN(len(d.links))]
		}
	case n < 67: // get
		r.method = d.of("GET", "GET", "HEAD")
		r.path = "/" + table + "/" + d.id()
		if len(d.seen) > 0 && d.chance(60) {
			path, tag, _ := strings.Cut(d.seen[d.IntN(len(d.seen))], " ")
			r.path, _, _ = strings.Cut(path, "?")
			r.headers = append(r.headers, "If-None-Match: "+d.of("", "W/")+tag)
		}
		if d.chance(30) {
			r.path += "?" + d.of("include=author", "include=posts", "fields=id", "fields=title,id", "fields=nothing", "x=1")
		}
	case n < 90: // change one
		r.method = d.of("PATCH", "PATCH", "PUT", "DELETE")
		r.path = "/" + table + "/" + d.id()
		if len(d.seen) > 0 && d.chance(50) {
			path, tag, _ := strings.Cut(d.seen[d.IntN(len(d.seen))], " ")
			path, _, _ = strings.Cut(path, "?")
			r.path, table = path, strings.Split(path, "/")[1]
			if d.chance(50) {
				r.headers = append(r.headers, "If-Match: "+tag)
			}
		}
		if r.method != "DELETE" {
			r.body = d.body(table, r.method == "PUT")
		}
		if len(r.headers) == 0 && d.chance(30) {
			r.headers = append(r.headers,
				d.of("If-Match: ", "If-Match: ", "If-None-Match: ")+d.of(d.tags[len(d.tags)-1], d.tags[d.IntN(len(d.tags))], "*",
					"W/"+d.tags[0]))
		}
	case n < 97: // change many
		r.method = d.of("PATCH", "PATCH", "DELETE")
		r.path += "?" + d.query(strings.Trim(r.path, "/"), false)
		if r.method == "PATCH" {
			r.body = d.body(strings.Trim(strings.Split(r.path, "?")[0], "/"), false)
		}
	default:
		r.method = d.of("OPTIONS", "PUT", "POST", "GET", "TRACE")
		r.path = d.of("/notes", "/notes/1", "/users/1/posts", "/healthz", "/nothing", "/", "/users/1/notes", "/openapi.json")
	}
	if d.chance(2) {
		r.headers = append(r.headers,
			"Content-Type: "+d.of("text/plain", "application/merge-patch+json", "application/json; charset=latin1"))
	}
	return r
}
