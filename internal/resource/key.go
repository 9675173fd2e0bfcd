package resource

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Key identifies a row: a value for each field of [Table.Key], in its order.
type Key []any

// keyParts collects the fields of the key and of the unique indexes of a table.
type keyParts struct {
	key, indexes []keyPart
	names        []string // of the indexes, in the order of the struct
	auto         *Field
}

// keyPart is the place of a field in a key or an index.
type keyPart struct {
	index string
	place int
	field *Field
}

// add adds what the tags of a field say.
func (k *keyParts) add(f *Field, sf reflect.StructField) error {
	tags := settings(sf.Tag.Get("gorm"))
	primary, tagged := tags["primarykey"]
	increments, auto := tags["autoincrement"]
	auto = auto && increments != "false"
	if tagged && primary != "false" || !tagged && f.Name == "id" {
		place, err := strconv.Atoi(cmp.Or(sf.Tag.Get("key"), "0"))
		switch {
		case err != nil:
			return fmt.Errorf("key: %w", err)
		case f.Nullable:
			return fmt.Errorf("the key is nullable: use a type without a pointer")
		}
		f.InKey = true
		k.key = append(k.key, keyPart{"PRIMARY", place, f})
		auto = auto || f.Type == Integer && f.ReadOnly && !f.Computed
	}
	if auto {
		k.auto, f.ReadOnly = f, true
	}
	for _, s := range allSettings(sf.Tag.Get("gorm")) {
		if s.name != "uniqueindex" {
			continue
		}
		name, options, _ := strings.Cut(s.value, ",")
		_, priority, _ := strings.Cut(options, "priority:")
		place, err := strconv.Atoi(cmp.Or(priority, "0"))
		if err != nil {
			return fmt.Errorf("uniqueIndex: %w", err)
		}
		if !slices.Contains(k.names, name) {
			k.names = append(k.names, name)
		}
		k.indexes = append(k.indexes, keyPart{name, place, f})
	}
	return nil
}

// set sets the key and the unique indexes of a table.
func (k *keyParts) set(t *Table) {
	t.Key, t.Auto = fieldsOf(k.key, "PRIMARY"), k.auto
	if len(t.Key) == 1 {
		f := t.Key[0]
		f.MakesUUID = f.MakesUUID || f.storesUUID()
	}
	if len(t.Key) > 0 && !slices.Contains(t.Key, t.Auto) {
		t.Uniques = append(t.Uniques, &Unique{"PRIMARY", t.Key})
	}
	for _, name := range k.names {
		fields := fieldsOf(k.indexes, name)
		if len(fields) == 1 {
			fields[0].Unique = name
		}
		t.Uniques = append(t.Uniques, &Unique{name, fields})
	}
}

// fieldsOf returns the fields of an index in the order of their places.
func fieldsOf(parts []keyPart, index string) (fields []*Field) {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p keyPart) bool { return p.index != index })
	slices.SortStableFunc(parts, func(a, b keyPart) int { return cmp.Compare(a.place, b.place) })
	for _, p := range parts {
		fields = append(fields, p.field)
	}
	return fields
}

// storesUUID reports whether the column has the type for a UUID: char(36) or binary(16).
func (f *Field) storesUUID() bool {
	return f.Type == Identifier || f.Type == Text && f.storage.name == "char" && f.Size == 36
}

// newUUID returns a UUID of version 7 (RFC 9562), which sorts by time.
func (f *Field) newUUID() any {
	id := uuid.Must(uuid.NewV7())
	if f.Type == Identifier {
		return UUID(id)
	}
	return id.String()
}

// Key returns the key of the row at index i.
func (r *Rows) Key(i int) Key {
	key := make(Key, len(r.table.Key))
	for k, f := range r.table.Key {
		key[k] = f.Of(r.Row(i))
	}
	return key
}

// Values returns the values of fields in the row at index i, or false if one of them is NULL.
func (r *Rows) Values(i int, fields []*Field) ([]any, bool) {
	values := make([]any, len(fields))
	for k, f := range fields {
		if values[k] = f.Of(r.Row(i)); values[k] == nil {
			return nil, false
		}
	}
	return values, true
}

// NewRow returns a list with one row that has the key, unless it is nil, and the values. The other fields have their
// zero values.
func (t *Table) NewRow(key Key, values []Value) *Rows {
	rows := t.NewRows(1)
	row := rows.add()
	for i := range key {
		t.Key[i].set(row, key[i])
	}
	for _, v := range values {
		if v.Value == any(Now) || v.Value == any(ByDatabase) {
			rows.omit(0, v.Field)
		} else {
			v.Field.set(row, v.Value)
		}
	}
	return rows
}

// ListPath returns the path of the list of rows: /film_actor, or /Order%20Lines for a name with
// a blank.
func (t *Table) ListPath() string { return "/" + url.PathEscape(t.Name) }

// Path returns the path of the row with that key: /film_actor/1,23.
//
// A text may contain characters that separate the parts of a path. An HTTP API of API Gateway decodes the path of a
// request, so a percent-encoding does not hide them. Therefore ~ escapes them, as in JSON Pointer (RFC 6901): ~0 is ~,
// ~1 is /, ~2 is a comma, ~3 is ?, ~4 is %, and ~5 is an empty text. Clients and gateways remove the segments . and ..,
// also percent-encoded (RFC 3986, section 5.2.4), so ~6 is the point that such a segment begins with.
func (t *Table) Path(key Key) string {
	b := []byte(t.ListPath() + "/")
	for i, f := range t.Key {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, escaped(f.pathText(key[i]))...)
	}
	if start := len(t.Name) + 2; string(b[start:]) == "." || string(b[start:]) == ".." {
		return string(b[:start]) + "~6" + string(b[start+1:])
	}
	return string(b)
}

// PathOf returns the path of a row in JSON, as from [View.Append].
func (t *Table) PathOf(row []byte) string {
	key, missing := make(Key, len(t.Key)), len(t.Key)
	s := scanner{body: row}
	for s.open(); missing > 0 && s.more('}'); {
		name, raw := s.member()
		if i := slices.IndexFunc(t.Key, func(f *Field) bool { return f.Name == string(name) }); i >= 0 {
			v := t.Key[i].empty()
			t.Key[i].decode(v, raw)
			key[i] = t.Key[i].value(v)
			missing--
		}
	}
	return t.Path(key)
}

// ParseKey parses the last segment of a path, after percent-decoding. It reports false if no row can have such a key.
func (t *Table) ParseKey(segment string) (Key, bool) {
	parts := []string{segment}
	if len(t.Key) > 1 {
		parts = strings.Split(segment, ",")
	}
	if len(parts) != len(t.Key) || len(parts) == 0 {
		return nil, false
	}
	key := make(Key, len(parts))
	for i, f := range t.Key {
		text, ok := unescaped(parts[i])
		if !ok {
			return nil, false
		}
		if key[i], ok = f.parse(text); !ok {
			return nil, false
		}
	}
	return key, true
}

// pathText returns a value as text in a path: the JSON, without the quotes of a string.
func (f *Field) pathText(value any) string {
	raw := f.appendValue(nil, value)
	if raw[0] != '"' {
		return string(raw)
	}
	s, _ := text(raw)
	return s
}

// parse parses the text of a value in a path. Numbers must have the form that [Table.Path] writes.
func (f *Field) parse(s string) (value any, ok bool) {
	if !utf8.ValidString(s) {
		return nil, false
	}
	if f.codec != nil {
		value, code, _ := f.codec.parse(f, s)
		// A UUID may be in upper case. Other values must have the form that Path writes.
		return value, code == "" && (f.Type == Identifier || f.pathText(value) == s)
	}
	raw, plain := []byte(s), f.Type == Integer || f.Type == Number || f.Type == Boolean
	if !plain {
		raw = appendText(nil, s)
	} else if s == "" || strings.IndexByte("-0123456789tf", s[0]) < 0 || !json.Valid(raw) {
		return nil, false
	}
	v := f.empty()
	if code, _ := f.decode(v, raw); code != "" {
		return nil, false
	}
	return f.value(v), !plain || bytes.Equal(f.append(nil, v), raw)
}

var pathEscapes = strings.NewReplacer("~", "~0", "/", "~1", ",", "~2", "?", "~3", "%", "~4")

// escaped returns a text of a key as a part of a path segment.
func escaped(s string) string {
	if s == "" {
		return "~5"
	}
	return url.PathEscape(pathEscapes.Replace(s))
}

// unescaped reverses the escapes with ~. It reports false for an invalid escape.
func unescaped(s string) (string, bool) {
	if s == "~5" {
		return "", true
	}
	if strings.IndexByte(s, '~') < 0 {
		return s, s != ""
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '~' {
			b.WriteByte(s[i])
			continue
		}
		const escapes = "~/,?%" + "\x00" + "." // there is no ~5 in a text
		if i++; i == len(s) || s[i] < '0' || s[i] > '6' || s[i] == '5' {
			return "", false
		}
		b.WriteByte(escapes[s[i]-'0'])
	}
	return b.String(), true
}

// Order returns the fields that make an order of the rows total: the key, or all fields that can
// be sorted for a table without one.
func (t *Table) Order() []*Field {
	if len(t.Key) > 0 {
		return t.Key
	}
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f *Field) bool { return !f.Sortable() })
}
