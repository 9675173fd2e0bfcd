package resource

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// enumCodec is the codec of an enum: a string in Go and in JSON, one of the members. It
// sorts and compares as text.
var enumCodec = codec{
	declare: declareMembers, read: readEnum, parse: parseMember, schema: enumSchema,
	append:    func(_ *Field, b []byte, p any) []byte { return appendText(b, *p.(*string)) },
	operators: append(slices.Clone(orderedOperators), "like", "starts", "contains"),
}

// declareMembers sets the members of an enum or a set: enum('a','it”s').
func declareMembers(_ *Field, s *storage, sqlType string) error {
	name, list, _ := strings.Cut(sqlType, "(")
	s.name = strings.ToLower(name)
	for list != ")" {
		i := 1
		for i < len(list) && (list[i] != '\'' || strings.HasPrefix(list[i:], "''")) {
			if list[i] == '\'' {
				i++
			}
			i++
		}
		if i >= len(list)-1 || list[0] != '\'' {
			return fmt.Errorf("the type %q has no valid list of members", sqlType)
		}
		s.members = append(s.members, unquoted(list[:i+1]))
		list = strings.TrimLeft(list[i+1:], ", ")
	}
	return nil
}

func readEnum(f *Field, p any, raw []byte) (code, predicate string) {
	if raw[0] != '"' {
		return "type", "must be a string"
	}
	s, _ := text(raw)
	*p.(*string) = s
	_, code, predicate = parseMember(f, s)
	return code, predicate
}

// parseMember returns a text that is a member.
func parseMember(f *Field, s string) (value any, code, predicate string) {
	if !slices.Contains(f.storage.members, s) {
		return nil, "out_of_range", "must be " + f.choices()
	}
	return s, "", ""
}

// Members returns the members of an enum or a set, in their order. The caller must not
// change them.
func (f *Field) Members() []string { return f.storage.members }

// choices returns the members for a message: one of "a", "b".
func (f *Field) choices() string {
	const most = 20
	var b strings.Builder
	b.WriteString("one of ")
	for i, m := range f.storage.members {
		if i == most {
			b.WriteString(", …")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", shortened(m))
	}
	return b.String()
}

func enumSchema(f *Field) Schema {
	return Schema{Type: "string", Enum: f.storage.members, Filter: f.memberPattern(), Example: f.storage.members[0]}
}

// memberPattern returns a pattern of the members as items of a list: a member with a comma
// or a quote at its beginning is in quotes.
func (f *Field) memberPattern() string {
	var b strings.Builder
	for i, m := range f.storage.members {
		if i > 0 {
			b.WriteByte('|')
		}
		b.WriteString(regexp.QuoteMeta(listItem(m)))
	}
	return b.String()
}

// listItem returns a text as an item of a list in a filter.
func listItem(s string) string {
	if strings.Contains(s, ",") || strings.HasPrefix(s, `"`) {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	return s
}

// ListItem returns a valid value of the filters in and nin, for a type that is not a basic
// one.
func (f *Field) ListItem() string { return listItem(fmt.Sprint(f.Schema().Example)) }
