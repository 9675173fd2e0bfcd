package resource

import (
	"database/sql/driver"
	"fmt"
	"strings"
)

// Set is the value of a set column: members separated by commas, as both dialects store it.
// In JSON it is an array.
type Set string

// Members returns the members.
func (s Set) Members() []string {
	if s == "" {
		return nil
	}
	return strings.Split(string(s), ",")
}

// Has reports whether the set has a member.
func (s Set) Has(member string) bool {
	return strings.Contains(","+string(s)+",", ","+member+",")
}

// Scan implements sql.Scanner for the text of a database.
func (s *Set) Scan(value any) error { return scanText(value, s) }

// Value implements driver.Valuer.
func (s Set) Value() (driver.Value, error) { return string(s), nil }

// scanText sets a text from the value of a database.
func scanText[T ~string](value any, into *T) error {
	switch v := value.(type) {
	case string:
		*into = T(v)
	case []byte:
		*into = T(v)
	default:
		return fmt.Errorf("resource: %T is not a text", value)
	}
	return nil
}

// setCodec is the codec of a [Set].
var setCodec = codec{
	declare: declareMembers, read: readSet, append: appendSet, parse: parseMember, whole: wholeSet, schema: setSchema,
	operators: []string{"contains", "null"}, unsorted: true,
}

func readSet(f *Field, p any, raw []byte) (code, predicate string) {
	if raw[0] != '[' {
		return "type", "must be an array of strings"
	}
	var given []string
	scan := scanner{body: raw}
	for scan.open(); scan.more(']'); {
		if scan.kind() != "a string" {
			return "type", "must be an array of strings"
		}
		s, _ := text(scan.value())
		if _, code, _ := parseMember(f, s); code != "" {
			return code, "must have only members that are " + f.choices()
		}
		given = append(given, s)
	}
	*p.(*Set) = f.ordered(given)
	return "", ""
}

// ordered returns a set in the order of the declaration, without duplicates.
func (f *Field) ordered(given []string) Set {
	list := Set(strings.Join(given, ","))
	var b strings.Builder
	for _, m := range f.storage.members {
		if list.Has(m) && (m != "" || len(given) > 0) {
			if b.Len() > 0 {
				b.WriteByte(',')
			}
			b.WriteString(m)
		}
	}
	return Set(b.String())
}

func appendSet(f *Field, b []byte, p any) []byte {
	s := *p.(*Set)
	b = append(b, '[')
	n := len(b)
	for _, m := range f.storage.members {
		if s != "" && s.Has(m) {
			if len(b) > n {
				b = append(b, ',')
			}
			b = appendText(b, m)
		}
	}
	return append(b, ']')
}

func wholeSet(f *Field, s string) (value any, code, predicate string) {
	members := Set(s).Members()
	for _, m := range members {
		if _, code, predicate := parseMember(f, m); code != "" {
			return nil, code, predicate
		}
	}
	return f.ordered(members), "", ""
}

func setSchema(f *Field) Schema {
	return Schema{Type: "array", Enum: f.storage.members, Example: []string{f.storage.members[0]},
		Description: "Members in the order of the declaration"}
}
