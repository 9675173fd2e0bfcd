package run

import (
	"regexp"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// What a way down of MySQL does is not known where it was written by hand, or before
// there were snapshots, and there is no scratch database. Of a statement of one action
// its words tell what it may lose.

const word = "[`\"]?([^`\"\\s(),;]+)[`\"]?"

var (
	oneDropTable  = regexp.MustCompile(`(?is)^\s*DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?` + word + `\s*;?\s*$`)
	oneDropColumn = regexp.MustCompile(`(?is)^\s*ALTER\s+TABLE\s+` + word + `\s+DROP\s+(?:COLUMN\s+)?` + word + `\s*;?\s*$`)
	oneModify     = regexp.MustCompile(`(?is)^\s*ALTER\s+TABLE\s+` + word + `\s+MODIFY\s+(?:COLUMN\s+)?` + word + `\s`)
	oneRename     = regexp.MustCompile(`(?is)^\s*ALTER\s+TABLE\s+` + word + `\s+RENAME\s+COLUMN\s+` + word +
		`\s+TO\s+` + word + `\s*;?\s*$`)
	oneTableRename = regexp.MustCompile(`(?is)^\s*(?:RENAME\s+TABLE\s+` + word + `\s+TO\s+|ALTER\s+TABLE\s+` + word +
		`\s+RENAME\s+(?:TO\s+)?)` + word + `\s*;?\s*$`)
	// mayLose are the words of what takes something away or changes it.
	mayLose   = regexp.MustCompile(`(?i)\b(?:DROP|MODIFY|CHANGE|TRUNCATE|EXCHANGE|DISCARD|CONVERT)\b`)
	dropsPart = regexp.MustCompile(`(?is)^\s*ALTER\s+TABLE\s+` + word + `\s+DROP\s+(?:INDEX|KEY|FOREIGN\s+KEY|PRIMARY\s+KEY|` +
		`CHECK|CONSTRAINT)\b[^,]*$`)
	addsPart = regexp.MustCompile(`(?is)^\s*ALTER\s+TABLE\s+` + word + `\s+(?:ADD|RENAME|ALTER)\s`)
)

// read notes what an unknown statement loses, as far as its words tell; live is the
// schema before the first statement. ok is false when they do not.
func (t *tracker) read(statement string, live *schema.Schema) (ok bool) {
	if m := oneDropTable.FindStringSubmatch(statement); m != nil {
		t.lose(m[1], "", "")
		return true
	}
	if m := oneTableRename.FindStringSubmatch(statement); m != nil {
		t.tables[m[3]] = t.table(m[1] + m[2])
		return true
	}
	if m := oneRename.FindStringSubmatch(statement); m != nil {
		t.columns[[2]string{m[1], m[3]}] = t.column(m[1], m[2])
		return true
	}
	if dropsPart.MatchString(statement) || addsPart.MatchString(statement) && !mayLose.MatchString(statement) {
		return true
	}
	drop, modify := oneDropColumn.FindStringSubmatch(statement), oneModify.FindStringSubmatch(statement)
	switch {
	case drop != nil:
		if c := t.liveColumn(live, drop[1], drop[2]); c != nil {
			t.lose(drop[1], c.Name, t.hasValue(c.Name, c))
		}
		return true
	case modify != nil && !strings.Contains(statement, ","):
		// The server refuses to cut off what does not fit, but it rounds.
		c := t.liveColumn(live, modify[1], modify[2])
		return c == nil || !mayBeRounded(c.Type.Type)
	}
	return false
}

// liveColumn returns a column by the names it has now; nil where it was made on the way.
func (t *tracker) liveColumn(live *schema.Schema, table, column string) *schema.Column {
	if found, ok := live.Table(t.table(table)); ok {
		c, _ := found.Column(t.column(table, column))
		return c
	}
	return nil
}

func mayBeRounded(t schema.Type) bool {
	switch t.(type) {
	case *schema.FloatType, *schema.DecimalType, *schema.TimeType:
		return true
	}
	return false
}
