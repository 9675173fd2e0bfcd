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

// names assigns unique names to keys.
type names struct {
	byKey map[string]string
	taken map[string]bool
}

// name returns the name of a key, the same on every call: wish, with _ for each character
// that a component name may not have, and with a number appended if another key has the
// name. Names that differ only in case or punctuation are equal, because generators do not
// distinguish them.
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

// folded returns the letters and digits of a name, in lower case.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if !isWord(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// singular returns the name of a row of a table, as in getNote.
func singular(t *resource.Table) string { return reflect.TypeOf(t.New()).Elem().Name() }

// plural returns the name of the rows of a table or relation, as in listNotes.
func plural(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !isWord(r) }) {
		first, size := utf8.DecodeRuneInString(word)
		b.WriteString(string(unicode.ToUpper(first)) + word[size:])
	}
	return b.String()
}

// relatedName returns the name of the rows of a relation, as in listUserPosts.
func relatedName(r route) string { return singular(r.parent) + plural(r.relation.Name) }

// rowName returns the name of a schema of a table: suffix is "" for the row, "Create" for
// the body of a create, and so on.
func (d *document) rowName(t *resource.Table, suffix string) string {
	return d.components.name("schemas/"+t.Name+"."+suffix, singular(t)+suffix)
}

func (d *document) row(t *resource.Table, suffix string) object {
	return ref("schemas", d.rowName(t, suffix))
}

// createName returns the name of a schema for the body of a POST. A relation has its own
// schemas, without the field that the path sets.
func (d *document) createName(r route, suffix string) string {
	if r.parent == nil {
		return d.rowName(r.table, "Create"+suffix)
	}
	return d.components.name("schemas/"+r.parent.Name+"."+r.relation.Name+"."+suffix, relatedName(r)+"Create"+suffix)
}

// schemaName returns the name of a schema that belongs to no table.
func (d *document) schemaName(name string) string { return d.components.name("schemas/"+name, name) }

func (d *document) schema(name string) object { return ref("schemas", d.schemaName(name)) }

func (d *document) parameterName(name string) string {
	return d.components.name("parameters/"+name, name)
}

func (d *document) parameter(name string) object { return ref("parameters", d.parameterName(name)) }

// rowResponse returns the name of the response with a row of a table.
func (d *document) rowResponse(t *resource.Table) string {
	return d.components.name("responses/"+t.Name+".", singular(t)+"Response")
}

func (d *document) responseName(name string) string {
	return d.components.name("responses/"+name, name)
}

func (d *document) shared(name string) object { return ref("responses", d.responseName(name)) }

// statusName returns the name of the response for a status, such as NotFound.
func statusName(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }
