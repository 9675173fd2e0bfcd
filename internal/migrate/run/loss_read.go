package run

import (
	"regexp"

	"ariga.io/atlas/sql/schema"
)

const (
	word  = "\\s+[`\"]?([^`\"\\s(),;]+)[`\"]?"
	end   = `\s*;?\s*$`
	alter = `(?is)^\s*ALTER\s+TABLE` + word
)

var (
	dropTable    = regexp.MustCompile(`(?is)^\s*DROP\s+TABLE(?:\s+IF\s+EXISTS)?` + word + end)
	renameTable  = regexp.MustCompile(alter + `\s+RENAME(?:\s+TO)?` + word + end)
	renameTables = regexp.MustCompile(`(?is)^\s*RENAME\s+TABLE` + word + `\s+TO` + word + end)
	renameColumn = regexp.MustCompile(alter + `\s+RENAME\s+COLUMN` + word + `\s+TO` + word + end)
	dropColumn   = regexp.MustCompile(alter + `\s+DROP(?:\s+COLUMN)?` + word + end)
	modifyColumn = regexp.MustCompile(alter + `\s+MODIFY(?:\s+COLUMN)?` + word + `\s[^,]*$`)
	dropPart     = regexp.MustCompile(alter + `\s+DROP\s+(?:INDEX|(?:FOREIGN\s+|PRIMARY\s+)?KEY|CHECK|CONSTRAINT)\b[^,]*$`)
	addPart      = regexp.MustCompile(alter + `\s+(?:ADD|RENAME|ALTER)\s`)
	// mayLose are the words of what takes something away or changes it.
	mayLose = regexp.MustCompile(`(?i)\b(?:DROP|MODIFY|CHANGE|TRUNCATE|EXCHANGE|DISCARD|CONVERT)\b`)
)

// read returns what a statement changes, as far as its words tell: what a way down of
// MySQL does is not known where it was written by hand, or before there were snapshots,
// and there is no scratch database. unknown says that the words do not tell: only
// statements of one action are read.
func (t *tracker) read(statement string) (changes []schema.Change, unknown bool) {
	matched := func(pattern *regexp.Regexp) []string { return pattern.FindStringSubmatch(statement) }
	if m := matched(dropTable); m != nil {
		return []schema.Change{&schema.DropTable{T: schema.NewTable(m[1])}}, false
	}
	for _, pattern := range []*regexp.Regexp{renameTable, renameTables} {
		if m := matched(pattern); m != nil {
			return []schema.Change{&schema.RenameTable{From: schema.NewTable(m[1]), To: schema.NewTable(m[2])}}, false
		}
	}
	if m := matched(renameColumn); m != nil {
		return partOf(m, &schema.RenameColumn{From: schema.NewColumn(m[2]), To: schema.NewColumn(m[3])}), false
	}
	if m := matched(dropColumn); m != nil {
		return partOf(m, &schema.DropColumn{C: t.column(m)}), false
	}
	if m := matched(modifyColumn); m != nil {
		// The server refuses to cut off what does not fit, but it rounds.
		return partOf(m, &schema.ModifyColumn{From: t.column(m), To: schema.NewNullColumn(m[2])}), false
	}
	keeps := matched(dropPart) != nil || matched(addPart) != nil && !mayLose.MatchString(statement)
	return nil, !keeps
}

// partOf is a change of a part of the table that a statement names first.
func partOf(m []string, part schema.Change) []schema.Change {
	return []schema.Change{&schema.ModifyTable{T: schema.NewTable(m[1]), Changes: []schema.Change{part}}}
}

// column returns the column of the live schema that a statement names after its table.
func (t *tracker) column(m []string) *schema.Column {
	if table, ok := t.live.Table(t.name(m[1], "")); ok {
		if c, ok := table.Column(t.name(m[1], m[2])); ok {
			return c
		}
	}
	return schema.NewNullColumn(m[2])
}
