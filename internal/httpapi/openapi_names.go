package httpapi

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"slipway/internal/resource"
)

// names returns each of several things a name of its own.
type names struct {
	byKey map[string]string
	taken map[string]bool
}

// name returns the name of the thing that key stands for, always the same one: the
// wish, without characters that a component may not have in its name, and with a
// number behind it where another thing has the name. Names that differ only in case
// and punctuation count as the same: generators make the same name of them.
func (n *names) name(key, wish string) string {
	if name, known := n.byKey[key]; known {
		return name
	}
	if n.byKey == nil {
		n.byKey, n.taken = map[string]string{}, map[string]bool{}
	}
	wish = strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (isWord(r) || strings.ContainsRune("._-", r)) {
			return r
		}
		return '_'
	}, wish)
	name := wish
	for i := 2; n.taken[folded(name)]; i++ {
		name = wish + strconv.Itoa(i)
	}
	n.byKey[key], n.taken[folded(name)] = name, true
	return name
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// folded returns what of a name generators tell apart.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if !isWord(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// singular is the name of a table's row, as in getNote.
func singular(t *resource.Table) string { return reflect.TypeOf(t.New()).Elem().Name() }

// plural is the name of many rows, as in listNotes: of a table or a relation.
func plural(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !isWord(r) }) {
		first, size := utf8.DecodeRuneInString(word)
		b.WriteString(string(unicode.ToUpper(first)) + word[size:])
	}
	return b.String()
}

// belowName is the name of the rows that belong to one row, as in listUserPosts.
func belowName(r route) string { return singular(r.parent) + plural(r.relation.Name) }

// rowName returns the name of a table's schema. Suffix says which: "" is the row,
// "Create" what a new one is given, and so on.
func (d *document) rowName(t *resource.Table, suffix string) string {
	return d.components.name("schemas/"+t.Name+"."+suffix, singular(t)+suffix)
}

func (d *document) row(t *resource.Table, suffix string) object {
	return ref("schemas", d.rowName(t, suffix))
}

// createName returns the name of a schema of what a POST takes: below a row that is
// one without the field that the path fixes.
func (d *document) createName(r route, suffix string) string {
	if r.parent == nil {
		return d.rowName(r.table, "Create"+suffix)
	}
	return d.components.name("schemas/"+r.parent.Name+"."+r.relation.Name+"."+suffix, belowName(r)+"Create"+suffix)
}

// schemaName returns the name of a schema that no table has.
func (d *document) schemaName(name string) string { return d.components.name("schemas/"+name, name) }

func (d *document) schema(name string) object { return ref("schemas", d.schemaName(name)) }

func (d *document) parameterName(name string) string {
	return d.components.name("parameters/"+name, name)
}

func (d *document) parameter(name string) object { return ref("parameters", d.parameterName(name)) }

// rowResponse returns the name of the response that is a row of a table.
func (d *document) rowResponse(t *resource.Table) string {
	return d.components.name("responses/"+t.Name+".", singular(t)+"Response")
}

func (d *document) responseName(name string) string {
	return d.components.name("responses/"+name, name)
}

func (d *document) shared(name string) object { return ref("responses", d.responseName(name)) }

// statusName is a status as the name of a response: NotFound.
func statusName(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }
