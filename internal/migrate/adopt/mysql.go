package adopt

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/plan"
)

// mysqlRefusals find what a project cannot describe. Each returns the names for its reason.
var mysqlRefusals = []struct{ find, reason string }{
	{"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()" +
		" AND extra LIKE '%INVISIBLE%'",
		"column {part} of table {table} is invisible: run ALTER TABLE `{table}` ALTER COLUMN `{part}` SET VISIBLE"},
	{"SELECT table_name, constraint_name FROM information_schema.table_constraints WHERE table_schema = DATABASE()" +
		" AND enforced = 'NO'",
		"CHECK {part} of table {table} is NOT ENFORCED: run ALTER TABLE `{table}` ALTER CHECK `{part}` ENFORCED, or drop it"},
	{"SELECT table_name, 'x' FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE '%`%'",
		"the name of table {table} contains a backtick: rename the table"},
	{"SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()" +
		" AND column_name LIKE '%`%'",
		"the name of column {part} of table {table} contains a backtick: rename the column"},
	{"SELECT table_name, constraint_name FROM information_schema.referential_constraints" +
		" WHERE constraint_schema = DATABASE() AND unique_constraint_schema <> DATABASE()",
		"foreign key {part} of table {table} refers to another database: drop it"},
}

func refuseMySQL(ctx context.Context, conn schema.ExecQuerier) (reasons []string, err error) {
	for _, r := range mysqlRefusals {
		found, err := query(ctx, conn, r.find)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			reasons = append(reasons, strings.NewReplacer("{table}", f[0], "{part}", f[1]).Replace(r.reason))
		}
	}
	return reasons, nil
}

// extra is what a table of MySQL has beside what schema.hcl declares. The baseline creates
// it, and later migrations leave it as it is.
type extra struct {
	// options follow the table's own at the end of CREATE TABLE.
	options string
	// invisible lists indexes that the server ignores.
	invisible []string
	// systems has the spatial reference system of a column at [0] as [1].
	systems [][2]string
}

var (
	lastLine     = regexp.MustCompile(`(?s)\n\) ENGINE=.*$`)
	knownOptions = regexp.MustCompile(`\n\)| (?:ENGINE|AUTO_INCREMENT|DEFAULT CHARSET|COLLATE)=\S+` +
		`| COMMENT='(?:[^']|'')*'`)
	spatialSystem  = regexp.MustCompile("(?m)^  `((?:[^`]|``)+)` .*/\\*!80003 (SRID \\d+) \\*/")
	invisibleIndex = regexp.MustCompile("(?m)^  (?:UNIQUE )?KEY `((?:[^`]|``)+)` .*/\\*!80000 INVISIBLE \\*/,?$")
)

func (s *Source) readMySQL(ctx context.Context, conn schema.ExecQuerier) error {
	s.extras = map[string]extra{}
	for _, t := range s.Tables.Tables {
		statement, err := plan.ShowCreate(ctx, conn, t.Name)
		if err != nil {
			return err
		}
		options := knownOptions.ReplaceAllString(lastLine.FindString(statement), "")
		x := extra{options: strings.TrimSpace(options)}
		for _, m := range invisibleIndex.FindAllStringSubmatch(statement, -1) {
			x.invisible = append(x.invisible, m[1])
		}
		for _, m := range spatialSystem.FindAllStringSubmatch(statement, -1) {
			x.systems = append(x.systems, [2]string{m[1], m[2]})
		}
		if x.options != "" || len(x.invisible) > 0 || len(x.systems) > 0 {
			s.extras[t.Name] = x
		}
	}
	return nil
}

// addExtras adds the extras to the statements of a baseline.
func (s *Source) addExtras(up []*migrate.Change) (all []*migrate.Change) {
	for _, c := range up {
		all = append(all, c)
		add, ok := c.Source.(*schema.AddTable)
		if !ok {
			continue
		}
		x := s.extras[add.T.Name]
		if x.options != "" {
			c.Cmd += " " + x.options
		}
		for _, column := range x.systems {
			line := regexp.MustCompile("(?m)^  `" + regexp.QuoteMeta(column[0]) + "` .*?(,?)$")
			c.Cmd = line.ReplaceAllStringFunc(c.Cmd, func(text string) string {
				bare := strings.TrimSuffix(text, ",")
				return bare + " " + column[1] + text[len(bare):]
			})
		}
		for _, name := range x.invisible {
			all = append(all, &migrate.Change{
				Cmd: fmt.Sprintf("ALTER TABLE %s ALTER INDEX `%s` INVISIBLE", plan.Quote(add.T.Name), name)})
		}
	}
	return all
}

// extraNotes says which extras the baseline keeps.
func (s *Source) extraNotes() (notes []string) {
	for _, t := range s.Tables.Tables {
		x := s.extras[t.Name]
		const kept = "the baseline for MySQL keeps this, schema.hcl cannot declare it, and SQLite has no equivalent"
		if x.options != "" {
			notes = append(notes, fmt.Sprintf("%s: %s: %s", t.Name, strings.Join(strings.Fields(x.options), " "), kept))
		}
		for _, column := range x.systems {
			notes = append(notes, fmt.Sprintf("%s.%s: %s: %s", t.Name, column[0], column[1], kept))
		}
		for _, name := range x.invisible {
			notes = append(notes, fmt.Sprintf("%s: the index %s is invisible: %s", t.Name, name, kept))
		}
	}
	return notes
}
