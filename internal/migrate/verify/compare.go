package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// shared is what the schemas before and after a file have in common.
type shared map[string]*sharedTable

type sharedTable struct {
	// key are the columns of the primary key; nil when it is another after the file.
	key     []string
	columns []sharedColumn
	// written says that the file changes rows here, and how is not known.
	written bool
}

type sharedColumn struct {
	name string
	// sameType says that the column has one type before and after the file.
	sameType bool
	// filled says that the column cannot hold NULL any more.
	filled bool
	// written says that the file changes it by an UPDATE.
	written bool
}

// common finds what the schemas have in common, and what the file writes of it.
func common(old, now *state, f file) shared {
	both := shared{}
	gone := deletedWith(f.writes.deletes, old, now)
	for _, t := range now.Tables {
		before := f.renames.before(old, t.Name)
		if before == nil {
			continue
		}
		// Statements may use the names of before or after.
		made, wrote := &sharedTable{}, []string{}
		for _, name := range []string{t.Name, before.Name} {
			columns, written := f.writes.columns[name]
			made.written = made.written || written && columns == nil || gone[name]
			wrote = append(wrote, columns...)
		}
		names := f.renames.columns
		for _, c := range t.Columns {
			was, found := before.Column(c.Name)
			if !found || computed(c) || computed(was) {
				continue
			}
			made.columns = append(made.columns, sharedColumn{
				name: c.Name, sameType: sameType(was, c),
				filled:  was.Type.Null && !c.Type.Null,
				written: slices.Contains(wrote, c.Name) || slices.Contains(wrote, names[t.Name+"."+c.Name]),
			})
		}
		if key := keyOf(t); slices.Equal(key, keyOf(before)) {
			made.key = key
		}
		both[t.Name] = made
	}
	return both
}

// keyOf gives the columns of the primary key.
func keyOf(t *schema.Table) (key []string) {
	if t.PrimaryKey == nil {
		return nil
	}
	for _, p := range t.PrimaryKey.Parts {
		if p.C == nil {
			return nil
		}
		key = append(key, p.C.Name)
	}
	return key
}

// deletedWith adds to tables those that refer to them, and so on: a row that goes
// may take others along.
func deletedWith(tables []string, states ...*state) map[string]bool {
	gone := map[string]bool{}
	for _, name := range tables {
		gone[name] = true
	}
	for more := len(gone) > 0; more; {
		more = false
		for _, s := range states {
			for _, t := range s.Tables {
				for _, fk := range t.ForeignKeys {
					if gone[fk.RefTable.Name] && !gone[t.Name] {
						gone[t.Name], more = true, true
					}
				}
			}
		}
	}
	return gone
}

// notCompared lists what the file writes, as "users" or "users.bio".
func (s shared) notCompared() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if s[name].written {
			names = append(names, name)
			continue
		}
		for _, c := range s[name].columns {
			if c.written {
				names = append(names, name+"."+c.name)
			}
		}
	}
	return names
}

// sameType leaves the columns that have one type before and after.
func (s shared) sameType() shared {
	left := shared{}
	for name, t := range s {
		only := *t
		only.columns = slices.DeleteFunc(slices.Clone(t.columns), func(c sharedColumn) bool { return !c.sameType })
		left[name] = &only
	}
	return left
}

// compare says the first row or value of before that after has not, or after has
// and before has not; nil when there is none.
func (s shared) compare(before, after dump) error { return s.compareRows(before, after, true) }

// compareSome is compare where after may have more rows.
func (s shared) compareSome(before, after dump) error { return s.compareRows(before, after, false) }

func (s shared) compareRows(before, after dump, all bool) error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		t := s[name]
		if t.written {
			continue
		}
		if err := t.compare(before[name], after[name], all); err != nil {
			return fmt.Errorf("table %q: %w", name, err)
		}
	}
	return nil
}

func (t *sharedTable) compare(before, after *table, all bool) error {
	var compared []sharedColumn
	var names []string
	for _, c := range t.columns {
		if !c.written {
			compared, names = append(compared, c), append(names, c.name)
		}
	}
	key := t.key
	for _, c := range key {
		if !slices.Contains(names, c) {
			key = nil
		}
	}
	if len(key) == 0 {
		// Rows are told apart by all that is compared.
		key = nil
		for _, c := range compared {
			if !c.filled {
				key = append(key, c.name)
			}
		}
	}
	there := map[string][][]string{}
	for _, row := range after.rows {
		id := identify(key, after.tuple(row, key))
		there[id] = append(there[id], row)
	}
	for _, row := range before.rows {
		id := identify(key, before.tuple(row, key))
		if len(there[id]) == 0 {
			return fmt.Errorf("the row with %s is gone", clip(id))
		}
		got := there[id][0]
		there[id] = there[id][1:]
		for _, c := range compared {
			was, _ := before.value(row, c.name)
			is, _ := after.value(got, c.name)
			if was != is && !(c.filled && was == null) {
				return fmt.Errorf("the row with %s: column %q was %s and is %s", clip(id), c.name, clip(was), clip(is))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(there)) {
		if all && len(there[id]) > 0 {
			return fmt.Errorf("there is a row with %s, and there was none", clip(id))
		}
	}
	return nil
}

// identify says which row it is: id = 7.
func identify(columns, values []string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = c + " = " + values[i]
	}
	return strings.Join(parts, ", ")
}

// clip shortens what is shown.
func clip(text string) string {
	const most = 120
	shown := []rune(text)
	if len(shown) <= most {
		return text
	}
	return fmt.Sprintf("%s… (%d characters)", string(shown[:most]), len(shown))
}
