package run

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
)

// MySQL commits a schema change by itself: a run that is killed may leave a statement
// that ran without its record. So before each statement the journal gets the
// fingerprint of the schema, and the next run compares. Some statements would fail if
// they ran twice; others, such as adding an index without a name, would do it twice.

// outcome says what is known of the statement after those that a row records.
type outcome int

const (
	// notApplied: it has not run.
	notApplied outcome = iota
	// applied: it ran, and its record is missing.
	applied
	// perhaps: it has not run, and what it undoes may never have been done.
	perhaps
	// unknown: no journal tells. Another program ran it, or an older slipway.
	unknown
)

// prepare writes the next statement of a step into the journal. Where the last run may
// have ended in it, prepare finds out first whether it is applied. The error says that it
// cannot be told.
func prepare(ctx context.Context, s session, next *step, mayHaveRun bool) (known outcome, err error) {
	r, statement := next.revision, next.way[next.ran]
	// The rows of such a statement and its record are one transaction.
	if s.perFile() || plan.ChangesOnlyRows(statement) {
		return notApplied, nil
	}
	if mayHaveRun {
		known, err = statementApplied(ctx, s, next)
		if err == nil && known == unknown && repeats(statement) {
			err = notTold(next, ", and to run it twice would do it twice")
		}
		if err != nil || known == applied {
			return known, err
		}
	}
	return known, writeJournal(ctx, s, next.entry(), func(ctx context.Context) error {
		if r.Error == "" {
			return nil
		}
		// It is about an earlier try: after a kill it could not be told apart.
		r.Error, r.ErrorStmt = "", ""
		return updateRevision(ctx, s, r)
	})
}

// notTold refuses a statement of which it is not known whether it ran.
func notTold(next *step, why string) error {
	return fmt.Errorf("another program, or an older slipway, ended in statement %d: there is no row of %s that tells "+
		"whether it ran%s; let `db repair` find out", next.ran+1, plan.JournalTable, why)
}

// statementApplied compares the schema with the journal, to say whether the next statement
// of a step ran before the last run of its file ended. The error says that something else
// has changed the schema too, or that the statement was edited: then it cannot be told.
func statementApplied(ctx context.Context, s session, next *step) (outcome, error) {
	r, entry := next.revision, next.entry()
	if s.perFile() || plan.ChangesOnlyRows(next.way[next.ran]) {
		return notApplied, nil
	}
	journal, found, err := readJournal(ctx, s)
	if err != nil {
		return notApplied, err
	}
	found = found && journal.version == r.Version && journal.direction == entry.direction &&
		journal.number <= entry.number
	ours := found && r.OperatorVersion == operator
	switch {
	case ours && strings.HasPrefix(r.Error, "Error "):
		// The server's own words: it refused the statement.
		return notApplied, nil
	case ours && journal.number < entry.number:
		// The run ended before it began this one.
		return notApplied, nil
	case !found || journal.number < entry.number:
		return unknown, nil
	}
	now, err := readFingerprint(ctx, s)
	if err != nil {
		return notApplied, err
	}
	changes := journal.before.changes(now)
	if len(changes) == 0 {
		return notApplied, nil
	}
	if journal.statement != entry.statement {
		return notApplied, fmt.Errorf("the last run ended in statement %d, which has been edited since, "+
			"and the schema has changed (%s): restore the statement, or let `db repair` find out what ran",
			entry.number, list(changes))
	}
	if others := unexplained(changes, next.way[next.ran]); len(others) > 0 {
		return notApplied, fmt.Errorf("the last run ended in statement %d, "+
			"and something else has changed the schema since then (%s): whether the statement ran cannot be told, "+
			"and nothing was recorded; look at that change, then let `db repair` find out what ran", entry.number, list(others))
	}
	return applied, nil
}

// appliedOf says how many statements of a file have run that is to be undone: an upgrade
// that was killed may have come one further than its row says.
func appliedOf(ctx context.Context, s session, down *step) (int, error) {
	up := upStep(down.File, down.revision)
	if whole(up.revision) || len(up.left()) == 0 {
		return up.ran, nil
	}
	known, err := statementApplied(ctx, s, &up)
	if err == nil && known == unknown {
		err = notTold(&up, "")
	}
	if known == applied {
		up.ran++
	}
	return up.ran, err
}

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
	base := indexNumber.ReplaceAllString(c.Name, "")
	switch c.Kind {
	case "database":
		return names(c.Name) || names("database") || names("schema")
	case "column":
		return names(c.Table) && (names(c.Name) || c.what == "changed" && converts.MatchString(statement))
	case "check":
		return names(c.Table) && (names(c.Name) || c.what == "dropped" && names("drop") ||
			checkNumber.MatchString(c.Name) && names("check"))
	case "index":
		if slices.Contains([]string{"PRIMARY", "functional_index", "expression_index"}, base) { // the last one on TiDB
			return names(c.Table) && (slices.ContainsFunc([]string{"key", "index", "unique"}, names) ||
				slices.ContainsFunc(c.columns, names))
		}
		return names(c.Table) && (names(c.Name) || names(base) ||
			c.what != "added" && slices.ContainsFunc(c.columns, names))
	}
	return slices.ContainsFunc([]string{c.Name, c.Table, c.Parent}, names)
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
