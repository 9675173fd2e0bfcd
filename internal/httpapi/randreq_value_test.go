package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"slipway/internal/resource"
)

var texts = []string{
	"", "a", "A", "b", "ab", "aB", "a ", " a", "ä", "a\u0308", "ß", "ss", "é", "中文", "😀", "😀a", "\U0010FFFF", "\uFFFD",
	"\uE000", "\uD7FF",
	"%", "_", "!", "\\", "'", "\"", "`", "a%", "a_b", "a!b", `a\b`, "--", "/*", ";", "0", "1", "-1", "1e3", "true", "null",
	"\n", "\t", "\x01", "\x7f", "\u2028",
	"' OR '1'='1", "a, b", "[x]", "a.b", "x=y&z", "+", "#", "?", "/", "\u200d", "\u202e", strings.Repeat("é", 81),
	strings.Repeat("x", 201), "~", "~5", "a~1b", "%2F", "a/b,c", ".", "..",
}

var times = []string{"2026-01-31T12:00:00Z", "2026-01-31T12:10:00.5Z", "2026-01-31T14:20:00+02:00",
	"2026-01-31T12:30:00.123456789Z", "1000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0999-01-01T00:00:00Z"}

func (d *randreq) text() string { return texts[d.IntN(len(texts))] }

// serial returns a number that auto_increment may have assigned.
func (d *randreq) serial() string { return fmt.Sprint(1 + d.IntN(12) + d.IntN(12)*d.IntN(12)) }

func (d *randreq) number() string {
	return d.of("0", "1", "-1", "2", "0.1", "1e300", "-0", "3.5", "1e-7", "9007199254740993", "1e999", "NaN", "x", "")
}

// id returns the last segment of the path of a row: usually a valid key, often that of a row.
func (d *randreq) id(t *resource.Table) string {
	if known := d.paths[t]; len(known) > 0 && d.chance(50) {
		return known[d.IntN(len(known))]
	}
	switch {
	case d.chance(5):
		return d.of("0", "-1", "abc", "01", "1.0", "9223372036854775807", "9223372036854775808", "%31", "1%20", "a,b",
			"a,b,c", "1,2", ",", "~", "~5", "~5,~5", "a~", "~6", "%00", "%FF", "~1", "%2F", "%2C", "true,0.5,2026", "~4zz")
	case len(t.Key) == 0 || t.Key[0] == t.Auto:
		return d.serial()
	}
	var members []string
	for _, f := range t.Key {
		members = append(members, quote(f.Name)+":"+d.valid(f))
	}
	path := t.PathOf([]byte("{" + strings.Join(members, ",") + "}"))
	return path[strings.LastIndexByte(path, '/')+1:]
}

// field returns a random field of a table.
func (d *randreq) field(t *resource.Table) *resource.Field { return t.Fields[d.IntN(len(t.Fields))] }

// value returns a JSON value for a member. It is usually valid.
func (d *randreq) value(f *resource.Field) string {
	switch {
	case d.chance(6):
		return d.of("null", "1", `"x"`, "true", "[]", "{}", "1.5", `"\ud800"`, `"\u0000"`, "-0", `""`)
	case f.Nullable && d.chance(30):
		return "null"
	}
	return d.valid(f)
}

// member is value, but seldom invalid if the table has many columns: one value makes the row invalid.
func (d *randreq) member(t *resource.Table, f *resource.Field) (value string) {
	for range 20 {
		value = d.value(f)
		if len(t.Fields) < 20 || d.chance(1) {
			break
		}
		if _, err := t.DecodeFilter([]byte("{" + quote(f.Name) + ":" + value + "}")); err == nil {
			break
		}
	}
	return value
}

// valid returns a JSON value of the field's type, which is seldom out of range.
func (d *randreq) valid(f *resource.Field) string {
	if f.References != nil && d.chance(90) {
		f = f.References
		if known := d.known[f]; len(known) > 0 && d.chance(80) {
			return known[d.IntN(len(known))]
		}
	}
	if f.Custom() {
		return d.custom(f)
	}
	switch f.Type {
	case resource.Integer:
		return d.integer(f)
	case resource.Number:
		return d.of("0", "1", "-1.5", "0.1", "1e300", "-0.0", "3", "2", "7e-9")
	case resource.Boolean:
		return d.of("true", "false")
	case resource.Time:
		return quote(d.of(times...))
	}
	switch {
	case f.Format == "email":
		return quote(d.of("a", "b", "c", "d", "e", "f", "g", "h", "A", "ä") + d.of("", "1", "2", "3", "4", "5") + "@x.org")
	case f.Unique != "":
		return quote(d.text() + d.of("", "1", "2", "3"))
	case f.Size == 0 && d.chance(3): // MySQL's default sort buffer has 256 KiB
		return quote(strings.Repeat(d.of("x", "é", "😀"), d.IntN(200_000)) + d.text())
	}
	return quote(d.text())
}

func (d *randreq) integer(f *resource.Field) string {
	if f.ReadOnly && f.InKey {
		return d.serial()
	}
	start, show := 0, func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	if f.Min != nil && d.chance(5) {
		return d.of(show(*f.Min), show(*f.Min-1))
	}
	if f.Max != nil && d.chance(5) {
		return d.of(show(*f.Max), show(*f.Max+1))
	}
	if f.Min != nil && *f.Min > 0 {
		start = int(*f.Min)
	}
	return d.of(fmt.Sprint(start+d.IntN(6)), fmt.Sprint(start+d.IntN(6)), fmt.Sprint(start-d.IntN(3)), "1e1")
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// object returns an object with most members, if all is true, or with a few. A change seldom has members of the key.
func (d *randreq) object(t *resource.Table, all, change bool) string {
	var members []string
	for _, f := range t.Fields {
		if f.ReadOnly || change && f.InKey && d.chance(90) {
			continue
		}
		// Each database would get another UUID, and another time.
		if all && (d.chance(93) || f.MakesUUID || f.Default == resource.Now) || d.chance(35) {
			members = append(members, quote(f.Name)+":"+d.member(t, f))
		}
	}
	if d.chance(4) {
		name := d.field(t).Name
		members = append(members, d.of(quote(name)+":5", `"colour":"red"`, quote(name)+`:"x"`,
			quote(strings.ToUpper(name[:1])+name[1:])+`:"x"`))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// body returns the body of a create or a PUT, if all is true, or of a PATCH.
func (d *randreq) body(t *resource.Table, all bool) string {
	if d.chance(3) {
		return d.of("", "{", "null", `"x"`, "7", "[]", "[{}]", "[[]]", "{}{}", "\xff", `{"a":{"b":[1]}}`)
	}
	if all && d.chance(20) {
		rows := make([]string, 1+d.IntN(4))
		for i := range rows {
			rows[i] = d.object(t, true, false)
		}
		return "[" + strings.Join(rows, ",") + "]"
	}
	return d.object(t, all, !all)
}

// filter returns a filter by one field.
func (d *randreq) filter(t *resource.Table) string {
	f := d.field(t)
	field := f.Name
	op := d.of("", "", "eq", "ne", "gt", "gte", "lt", "lte", "like", "in", "nin", "null", "starts", "contains")
	if hasNoOrder(f) {
		op = d.of("", "eq", "ne", "in", "nin", "null") // an error names other operators
	} else if d.chance(3) {
		field, op = d.of(field, "colour", "", "Id"), d.of(op, "near", "EQ", "")
	}
	value := d.operand(f)
	switch op {
	case "in", "nin":
		if d.chance(30) {
			value = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		}
		value += "," + d.operand(f) + "," + d.operand(f)
	case "null":
		value = d.of("true", "false", "maybe")
	case "like":
		value = d.of("%", "_", "a%", "%a", "%a%", "_%", "a_", "", d.text(), d.text()+"%")
	}
	if op != "" {
		field += "[" + op + "]"
	}
	return url.QueryEscape(field) + "=" + url.QueryEscape(value)
}

// operand returns a value for a filter.
func (d *randreq) operand(f *resource.Field) string {
	if d.chance(4) {
		return d.of(d.text(), d.number(), "yesterday", "9223372036854775808", "01")
	}
	raw := d.valid(f)
	if f.Type == resource.SetOf {
		raw = quote(d.of(f.Members()...))
	}
	var s string
	if json.Unmarshal([]byte(raw), &s) == nil {
		return s
	}
	return raw
}

// query returns the parameters of a list, or of a change of many rows.
func (d *randreq) query(t *resource.Table, list bool) string {
	var params []string
	for range d.IntN(3) {
		params = append(params, d.filter(t))
	}
	add := func(chance int, options ...string) {
		if d.chance(chance) {
			params = append(params, d.of(options...))
		}
	}
	names := func(orders ...string) (names []string) {
		for _, i := range d.Perm(len(t.Fields))[:min(1+d.IntN(3), len(t.Fields))] {
			if f := t.Fields[i]; len(orders) == 1 || !hasNoOrder(f) {
				names = append(names, d.of(orders...)+f.Name)
			}
		}
		return names
	}
	if list {
		if order := names("", "-"); len(order) > 0 {
			add(50, "sort="+strings.Join(order, d.of(",", ",", "&sort=")))
		}
		add(40, "per_page=1", "per_page=2", "per_page=3", "per_page=5", "per_page=1000", "per_page=0", "per_page=1001",
			"per_page=x")
		add(20, "page=1", "page=2", "page=3", "page=99", "page=0", "page=-1")
		add(15, "count=exact", "count=exact", "count=none")
		add(3, "cursor=", "cursor=x", "cursor=AAAA")
	} else {
		add(40, "dry_run=true", "dry_run=false", "dry_run=1")
		add(30, "max_affected=0", "max_affected=1", "max_affected=2", "max_affected=50", "max_affected=-1", "max_affected=x")
		add(5, "all=true", "all=false", "all=x")
	}
	add(15, "fields="+strings.Join(names(""), ","))
	add(15, d.include(t))
	return strings.Join(params, "&")
}

// include returns the parameter include.
func (d *randreq) include(t *resource.Table) string {
	names := []string{"x"}
	for range 3 {
		for _, rel := range t.Relations {
			names = append(names, rel.Name)
		}
	}
	return "include=" + d.of(names...)
}
