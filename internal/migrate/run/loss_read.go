package run

import (
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
)

const (
	word  = "\\s+[`\"]?([^`\"\\s(),;]+)[`\"]?"
	end   = `\s*;?\s*$`
	alter = `(?is)^\s*ALTER\s+TABLE` + word
)

var (
	dropTable    = lazyregexp.New(`(?is)^\s*DROP\s+TABLE(?:\s+IF\s+EXISTS)?` + word + end)
	renameTable  = lazyregexp.New(alter + `\s+RENAME(?:\s+TO)?` + word + end)
	renameTables = lazyregexp.New(`(?is)^\s*RENAME\s+TABLE` + word + `\s+TO` + word + end)
	renameColumn = lazyregexp.New(alter + `\s+RENAME\s+COLUMN` + word + `\s+TO` + word + end)
	dropColumn   = lazyregexp.New(alter + `\s+DROP(?:\s+COLUMN)?` + word + end)
	modifyColumn = lazyregexp.New(alter + `\s+MODIFY(?:\s+COLUMN)?` + word + `\s[^,]*$`)
	dropPart     = lazyregexp.New(alter + `\s+DROP\s+(?:INDEX|(?:FOREIGN\s+|PRIMARY\s+)?KEY|CHECK|CONSTRAINT)\b[^,]*$`)
	addPart      = lazyregexp.New(alter + `\s+(?:ADD|RENAME|ALTER)\s`)
	// mayLose matches keywords that remove or change something.
	mayLose = lazyregexp.New(`(?i)\b(?:DROP|MODIFY|CHANGE|TRUNCATE|EXCHANGE|DISCARD|CONVERT)\b`)
)

// read parses the text of a down statement and returns its changes. It is used for MySQL
// when there is neither a scratch database nor a snapshot that describes the statement.
// unknown is true for a statement that it cannot parse; it parses statements with one
// action only.
func (t *tracker) read(statement string) (changes []schema.Change, unknown bool) {
	matched := func(pattern *lazyregexp.Regexp) []string { return pattern.FindStringSubmatch(statement) }
	if m := matched(dropTable); m != nil {
		return []schema.Change{&schema.DropTable{T: schema.NewTable(m[1])}}, false
	}
	for _, pattern := range []*lazyregexp.Regexp{renameTable, renameTables} {
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
		// The server rejects values that are too long, but it rounds numbers and times.
		return partOf(m, &schema.ModifyColumn{From: t.column(m), To: schema.NewNullColumn(m[2])}), false
	}
	keeps := matched(dropPart) != nil || matched(addPart) != nil && !mayLose.MatchString(statement)
	return nil, !keeps
}

// partOf returns a change to a part of the table m[1].
func partOf(m []string, part schema.Change) []schema.Change {
	return []schema.Change{&schema.ModifyTable{T: schema.NewTable(m[1]), Changes: []schema.Change{part}}}
}

// column returns the column m[2] of the table m[1] in the live schema.
func (t *tracker) column(m []string) *schema.Column {
	if table, ok := t.live.Table(t.name(m[1], "")); ok {
		if c, ok := table.Column(t.name(m[1], m[2])); ok {
			return c
		}
	}
	return schema.NewNullColumn(m[2])
}
