package run

import (
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
)

// What the text of a MySQL statement tells: which changes of a schema it makes, and
// whether it would happen twice.

// unexplained returns the changes of a schema that a statement did not make, as far
// as its text tells: those of objects of which something changed that it does not name,
// and all of them where what it is about has not changed.
func unexplained(changes []change, statement string) []change {
	if !slices.ContainsFunc(changes, func(c change) bool { return shows(statement, c) }) {
		return changes
	}
	others := map[object]bool{}
	for _, c := range changes {
		if !explains(statement, c) {
			others[c.whole()] = true
		}
	}
	return slices.DeleteFunc(changes, func(c change) bool { return !others[c.whole()] })
}

// changesParts recognises an ALTER TABLE that changes parts of a table, and not where they
// stand, nor the table as a whole.
var (
	changesParts = regexp.MustCompile(`(?is)^` + plan.Space + `ALTER\s+TABLE\b.*` +
		`\b(?:ADD|DROP|MODIFY|CHANGE|ALTER|RENAME\s+(?:COLUMN|INDEX|KEY))\b`)
	changesWhole = regexp.MustCompile(`(?i)\b(?:FIRST|AFTER|PARTITION(?:S|ING)?|CONVERT|CHARSET|CHARACTER\s+SET|COLLATE|` +
		`ENGINE|ROW_FORMAT|FORCE)\b`)
)

// shows says whether a change shows that a statement ran: it is of what the statement is
// about, and of a part of it where the statement changes parts.
func shows(statement string, c change) bool {
	about, of := subject(statement), c.whole()
	if about != "" && !strings.EqualFold(of.Name, about) && !strings.EqualFold(of.Table, about) {
		return false
	}
	wholeTable := c.Kind == "table" && c.what == "changed"
	return !wholeTable || !changesParts.MatchString(statement) || changesWhole.MatchString(statement)
}

// explains says whether a statement may have made a change: it names the object, its
// table or the table that it refers to. It may drop, and change, an index by its columns,
// and a CHECK with its column.
func explains(statement string, c change) bool {
	names := func(name string) bool { return mentions(statement, name) }
	if c.whole() != c.object && !names(c.Table) {
		return false
	}
	switch c.Kind {
	case "database":
		return names(c.Name) || names("database") || names("schema")
	case "column":
		return names(c.Name) || c.what == "changed" && converts.MatchString(statement)
	case "check":
		return names(c.Name) || c.what == "dropped" && names("drop") || checkNumber.MatchString(c.Name) && names("check")
	case "index":
		base := indexNumber.ReplaceAllString(c.Name, "")
		byColumn := slices.ContainsFunc(c.columns, names)
		if slices.Contains([]string{"PRIMARY", "functional_index", "expression_index"}, base) { // the last one on TiDB
			return byColumn || names("key") || names("index") || names("unique")
		}
		return names(c.Name) || names(base) || c.what != "added" && byColumn
	}
	return names(c.Name) || names(c.Table) || names(c.Parent)
}

var (
	// indexNumber is the end of the name that the server gives to a second index of a kind,
	// checkNumber of a CHECK without a name.
	indexNumber = regexp.MustCompile(`_\d+$`)
	checkNumber = regexp.MustCompile(`_chk_\d+$`)
	// converts recognises what changes the text columns of a table without naming them.
	converts = regexp.MustCompile(`(?i)\bCONVERT\s+TO\b`)
)

// mentions says whether a name is a word of a statement, in any case.
func mentions(statement, name string) bool {
	if name == "" {
		return false
	}
	const edge = `[^\pL\pN_$]`
	quoted := regexp.QuoteMeta(strings.ReplaceAll(name, "`", "``"))
	return regexp.MustCompile(`(?i)(^|` + edge + `)` + quoted + `($|` + edge + `)`).MatchString(statement)
}

const (
	// named is a name with what may stand before it.
	named = plan.Space + `(?:IF\s+(?:NOT\s+)?EXISTS\s+)?` + "(?:(?:`[^`]+`|[\\pL\\pN_$]+)\\s*\\.\\s*)?" +
		"(`(?:[^`]|``)+`|[\\pL\\pN_$]+)"
)

var (
	ofIndex  = regexp.MustCompile(`(?is)^` + plan.Space + `(?:CREATE|DROP)\s[^(]*?\bINDEX\s.*?\sON\s` + named)
	ofObject = regexp.MustCompile(`(?is)^` + plan.Space + `(?:CREATE|ALTER|DROP|RENAME)\s[^(]*?` +
		`\b(?:TABLES?|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT)\s` + named)
)

// twice recognises what happens a second time without an error.
var twice = []*regexp.Regexp{
	// A part of a table that has no name.
	regexp.MustCompile(`(?i)\bADD\s+(?:CONSTRAINT\s+)?(?:(?:UNIQUE|FULLTEXT|SPATIAL)\s*)?` +
		`(?:INDEX|KEY|FOREIGN\s+KEY|UNIQUE|CHECK)?\s*(?:USING\s+\w+\s*)?\(`),
	regexp.MustCompile(`(?i)\b(?:ADD\s+PARTITION\s+PARTITIONS|COALESCE\s+PARTITION)\b`),
	// Names that are swapped.
	regexp.MustCompile(`(?is)^` + plan.Space + `(?:RENAME|ALTER)\s+TABLE\b.*,.*\b(?:TO|CHANGE)\b`),
	// Rows that came since, and whatever a procedure does.
	regexp.MustCompile(`(?i)^` + plan.Space + `(?:TRUNCATE|CALL)\b`),
}

// subject returns the name of what a statement makes, changes or drops, of several the
// first; "" when it cannot be read. Of an index it is the table.
func subject(statement string) string {
	found := ofIndex.FindStringSubmatch(statement)
	if found == nil {
		found = ofObject.FindStringSubmatch(statement)
	}
	if found == nil {
		return ""
	}
	name := found[1]
	if unquoted, ok := strings.CutPrefix(name, "`"); ok {
		name = strings.ReplaceAll(strings.TrimSuffix(unquoted, "`"), "``", "`")
	}
	return name
}

// repeats says that a statement would happen a second time without an error.
func repeats(statement string) bool {
	return slices.ContainsFunc(twice, func(r *regexp.Regexp) bool { return r.MatchString(statement) })
}

// alreadySo says that the server refused a statement because what it makes exists, or what
// it takes away is missing.
func alreadySo(err error) bool {
	return numbered(err, 1050, 1051, 1054, 1060, 1061, 1068, 1072, 1091, 1146, 1176,
		1304, 1305, 1359, 1360, 1537, 1826, 3821, 3822)
}
