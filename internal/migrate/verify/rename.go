package verify

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// renames says what tables and columns were called before a file. Names are those
// after it: a column's is "table.column".
type renames struct {
	tables, columns map[string]string
}

var (
	renameColumn = regexp.MustCompile(`(?is)^\s*alter\s+table\s+` + namePattern + `\s+(?:rename\s+column\s+` + namePattern + `\s+to\s+` + namePattern +
		`|change\s+(?:column\s+)?` + namePattern + `\s+` + namePattern + `)`)
	renameTable  = regexp.MustCompile(`(?is)^\s*alter\s+table\s+` + namePattern + `\s+rename\s+(?:(?:to|as)\s+)?` + namePattern + `\s*;?\s*$`)
	renameTables = regexp.MustCompile(`(?is)^\s*rename\s+table\s+(.*)$`)
	fromTo       = regexp.MustCompile(`(?is)` + namePattern + `\s+to\s+` + namePattern)
)

// parseRenames finds the statements of a way up that rename a table or a column,
// one a statement (RENAME TABLE may list several). Any text is taken.
func parseRenames(statements []string) renames {
	n := renames{map[string]string{}, map[string]string{}}
	copied := copiesOf(statements)
	for _, s := range statements {
		s = bare(s)
		if m := renameColumn.FindStringSubmatch(s); m != nil {
			n.column(m[1], m[2]+m[4], m[3]+m[5])
		} else if m := renameTable.FindStringSubmatch(s); m != nil && !copied[m[1]] {
			n.table(m[1], m[2])
		} else if m := renameTables.FindStringSubmatch(s); m != nil {
			for _, pair := range fromTo.FindAllStringSubmatch(m[1], -1) {
				n.table(pair[1], pair[2])
			}
		}
	}
	return n
}

func (n renames) table(from, to string) {
	n.tables[to] = oldName(n.tables, from)
	delete(n.tables, from)
	for _, name := range slices.Collect(maps.Keys(n.columns)) {
		if column, found := strings.CutPrefix(name, from+"."); found {
			n.columns[to+"."+column] = n.columns[name]
			delete(n.columns, name)
		}
	}
}

func (n renames) column(table, from, to string) {
	old := from
	if was, found := n.columns[table+"."+from]; found {
		old = was
	}
	delete(n.columns, table+"."+from)
	n.columns[table+"."+to] = old
}

// oldName is what a name was before, or the name itself.
func oldName(was map[string]string, name string) string {
	if old, found := was[name]; found {
		return old
	}
	return name
}

// before gives a table as it was in the old schema, with the columns under the
// names they have now; nil when it was not there.
func (n renames) before(old *state, now string) *schema.Table {
	name, renamed := n.tables[now]
	if !renamed {
		name = now
		for _, was := range n.tables {
			if was == now {
				return nil // that one has another name now
			}
		}
	}
	was, found := old.Table(name)
	if !found {
		return nil
	}
	names := n.namesNow(now)
	made := *was
	made.Columns = nil
	for _, c := range was.Columns {
		if name, left := nameNow(names, c.Name); left {
			column := *c
			column.Name = name
			made.Columns = append(made.Columns, &column)
		}
	}
	relabelled := func(index *schema.Index) *schema.Index {
		if index == nil {
			return nil
		}
		copied := *index
		copied.Parts = nil
		for _, p := range index.Parts {
			part := *p
			if p.C != nil {
				part.C = nil
				if name, left := nameNow(names, p.C.Name); left {
					part.C, _ = made.Column(name)
				}
			}
			copied.Parts = append(copied.Parts, &part)
		}
		return &copied
	}
	made.PrimaryKey = relabelled(was.PrimaryKey)
	made.Indexes = nil
	for _, i := range was.Indexes {
		made.Indexes = append(made.Indexes, relabelled(i))
	}
	return &made
}

// namesNow maps the names that the columns of a table had to those they have.
func (n renames) namesNow(table string) map[string]string {
	names := map[string]string{}
	for name, was := range n.columns {
		if column, found := strings.CutPrefix(name, table+"."); found {
			names[was] = column
		}
	}
	return names
}

// nameNow is the name that something has now. left is false when something else
// has taken its name: it is gone.
func nameNow(names map[string]string, was string) (now string, left bool) {
	if now, renamed := names[was]; renamed {
		return now, true
	}
	for _, now := range names {
		if now == was {
			return "", false
		}
	}
	return was, true
}

// relabel gives rows from before the file the names that they have after it.
func (n renames) relabel(rows dump) dump {
	tables := map[string]string{}
	for now, was := range n.tables {
		tables[was] = now
	}
	made := dump{}
	for name, t := range rows {
		now, left := nameNow(tables, name)
		if !left {
			continue
		}
		names := n.namesNow(now)
		labelled := &table{rows: t.rows}
		for _, c := range t.columns {
			label, _ := nameNow(names, c) // what is gone has none, and nobody asks for it
			labelled.columns = append(labelled.columns, label)
		}
		made[now] = labelled
	}
	return made
}
