package run

import (
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/lazyregexp"
	"slipway/internal/migrate/plan"
)

// The functions in this file parse the text of a MySQL statement: which schema changes it
// can make, and whether it can run twice.

// unexplained returns the schema changes that a statement cannot have made: all changes of
// an object if the statement does not name one of them, and every change if the subject of
// the statement has not changed.
func unexplained(changes []change, statement string) []change {
	if !slices.ContainsFunc(changes, func(c change) bool { return proves(statement, c) }) {
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

// An ALTER TABLE that matches changesParts and not changesWhole changes parts of a table,
// but neither their order nor the options of the table.
var (
	changesParts = lazyregexp.New(`(?is)^` + plan.Space + `ALTER\s+TABLE\b.*` +
		`\b(?:ADD|DROP|MODIFY|CHANGE|ALTER|RENAME\s+(?:COLUMN|INDEX|KEY))\b`)
	changesWhole = lazyregexp.New(`(?i)\b(?:FIRST|AFTER|PARTITION(?:S|ING)?|CONVERT|CHARSET|CHARACTER\s+SET|COLLATE|` +
		`ENGINE|ROW_FORMAT|FORCE)\b`)
)

// proves reports whether a change proves that a statement ran: the changed object is the
// subject of the statement or, if the statement changes parts, a part of it.
func proves(statement string, c change) bool {
	about, of := subject(statement), c.whole()
	if about != "" && !strings.EqualFold(of.Name, about) && !strings.EqualFold(of.Table, about) {
		return false
	}
	wholeTable := c.Kind == "table" && c.what == "changed"
	return !wholeTable || !changesParts.MatchString(statement) || changesWhole.MatchString(statement)
}

// explains reports whether a statement can have made a change: it names the object, its
// table or the table that it refers to. A statement on a column can also drop or change an
// index or a CHECK of this column.
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
	// indexNumber matches the suffix of a name that the server generates for an index,
	// checkNumber that of a CHECK without a name.
	indexNumber = lazyregexp.New(`_\d+$`)
	checkNumber = lazyregexp.New(`_chk_\d+$`)
	// converts matches a statement that changes the text columns of a table without naming
	// them.
	converts = lazyregexp.New(`(?i)\bCONVERT\s+TO\b`)
)

// mentions reports whether a statement contains a name as a word, ignoring case.
func mentions(statement, name string) bool {
	if name == "" {
		return false
	}
	const edge = `[^\pL\pN_$]`
	quoted := regexp.QuoteMeta(strings.ReplaceAll(name, "`", "``"))
	return regexp.MustCompile(`(?i)(^|` + edge + `)` + quoted + `($|` + edge + `)`).MatchString(statement)
}

const (
	// named matches an object name with an optional IF EXISTS and database name before it.
	named = plan.Space + `(?:IF\s+(?:NOT\s+)?EXISTS\s+)?` + "(?:(?:`[^`]+`|[\\pL\\pN_$]+)\\s*\\.\\s*)?" +
		"(`(?:[^`]|``)+`|[\\pL\\pN_$]+)"
)

var (
	ofIndex  = lazyregexp.New(`(?is)^` + plan.Space + `(?:CREATE|DROP)\s[^(]*?\bINDEX\s.*?\sON\s` + named)
	ofObject = lazyregexp.New(`(?is)^` + plan.Space + `(?:CREATE|ALTER|DROP|RENAME)\s[^(]*?` +
		`\b(?:TABLES?|VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT)\s` + named)
)

// repeatablePatterns match statements that succeed, and take effect, a second time.
var repeatablePatterns = []*lazyregexp.Regexp{
	// A part of a table that has no name.
	lazyregexp.New(`(?i)\bADD\s+(?:CONSTRAINT\s+)?(?:(?:UNIQUE|FULLTEXT|SPATIAL)\s*)?` +
		`(?:INDEX|KEY|FOREIGN\s+KEY|UNIQUE|CHECK)?\s*(?:USING\s+\w+\s*)?\(`),
	lazyregexp.New(`(?i)\b(?:ADD\s+PARTITION\s+PARTITIONS|COALESCE\s+PARTITION)\b`),
	// Swapped names.
	lazyregexp.New(`(?is)^` + plan.Space + `(?:RENAME|ALTER)\s+TABLE\b.*,.*\b(?:TO|CHANGE)\b`),
	// New rows, and the effects of a procedure.
	lazyregexp.New(`(?i)^` + plan.Space + `(?:TRUNCATE|CALL)\b`),
}

// subject returns the name of the first object that a statement creates, changes or drops;
// "" if it cannot be parsed. For an index it returns the table.
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

// repeatable reports whether a statement would take effect a second time without an error.
func repeatable(statement string) bool {
	return slices.ContainsFunc(repeatablePatterns, func(r *lazyregexp.Regexp) bool { return r.MatchString(statement) })
}

// alreadyDone reports whether the server rejected a statement because the object to create
// exists or the object to drop is missing.
func alreadyDone(err error) bool {
	return hasErrorNumber(err, 1050, 1051, 1054, 1060, 1061, 1068, 1072, 1091, 1146, 1176,
		1304, 1305, 1359, 1360, 1537, 1826, 3821, 3822)
}
