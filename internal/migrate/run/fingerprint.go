package run

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"
)

// object identifies an object in a MySQL schema that one statement can create, change or
// drop.
type object struct {
	// Kind is database, table, foreign key, view, trigger, procedure, function or event. For
	// the parts of a table it is column, index or check.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Table is the table of a trigger, of a foreign key or of a table's part.
	Table string `json:"table,omitempty"`
	// Parent is the table that a foreign key refers to.
	Parent string `json:"parent,omitempty"`
}

// whole returns the table of a part, and any other object itself.
func (o object) whole() object {
	switch o.Kind {
	case "column", "index", "check":
		return object{Kind: "table", Name: o.Table}
	}
	return o
}

// entry is the fingerprint of one object.
type entry struct {
	object
	// Hash covers the rows of information_schema about the object. The hash of a table does
	// not cover its parts.
	Hash uint64 `json:"hash,string"`
	// Columns are the columns of an index.
	Columns []string `json:"columns,omitempty"`
}

// fingerprint describes the state of a MySQL schema, object by object. It covers neither
// rows nor statistics nor the two tables that record migrations.
type fingerprint []entry

// readFingerprint returns the fingerprint of a database. It calls run with one or two queries.
func readFingerprint(run func(query string) (*sql.Rows, error)) (fingerprint, error) {
	b := fingerprintBuilder{at: map[object]int{}, tables: map[string]bool{}, next: map[string]bool{"": true}}
	for len(b.next) > 0 {
		rows, err := run(fingerprintQuery(b.next))
		b.next = map[string]bool{}
		if err == nil {
			err = each(rows, b.add)
		}
		if err != nil {
			return nil, fmt.Errorf("read the schema of the database: %w", err)
		}
	}
	return slices.DeleteFunc(b.found, func(e entry) bool { // the columns of views
		whole := e.whole()
		return whole.Kind == "table" && !b.tables[whole.Name]
	}), nil
}

// fingerprintBuilder collects the rows of the parts.
type fingerprintBuilder struct {
	found  fingerprint
	at     map[object]int // the index of an object in found
	tables map[string]bool
	next   map[string]bool // the kinds of parts to read next
}

// add adds the present row.
func (b *fingerprintBuilder) add(rows *sql.Rows) error {
	var text, hash string
	var next sql.NullString
	var row struct {
		object
		Column   string `json:"column"`
		Position int    `json:"position"`
	}
	if err := rows.Scan(&text, &hash, &next); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		return err
	}
	if next.Valid {
		b.next[next.String] = true
	}
	if row.Kind == "" {
		return nil
	}
	bits, err := strconv.ParseUint(hash, 16, 64)
	if of := row.whole(); of.Kind == "table" && (of.Name == plan.RevisionTable || of.Name == plan.JournalTable) {
		return err
	}
	if row.Kind == "table" {
		b.tables[row.Name] = true
	}
	// XOR, because the order of an object's rows is undefined.
	o := b.entry(row.object)
	o.Hash ^= bits
	if row.Column != "" {
		o.Columns = append(o.Columns, row.Column)
	}
	if row.Position > 0 {
		// The position is part of the table: an added or dropped column moves others.
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", row.Position, row.Name))
		b.entry(row.whole()).Hash ^= binary.BigEndian.Uint64(sum[:])
	}
	return err
}

// entry returns the entry of an object, a new one if there is none.
func (b *fingerprintBuilder) entry(o object) *entry {
	i, found := b.at[o]
	if !found {
		i = len(b.found)
		b.at[o] = i
		b.found = append(b.found, entry{object: o})
	}
	return &b.found[i]
}

// change is an object that differs between two fingerprints.
type change struct {
	object
	// what is "added", "changed" or "dropped".
	what string
	// columns are the columns of an index, before and after.
	columns []string
}

// changes returns the objects that differ in a later fingerprint, sorted, with each part
// after its table. It omits the parts of a table that was added or dropped.
func (f fingerprint) changes(later fingerprint) (all []change) {
	before, after := f.byObject(), later.byObject()
	both := maps.Clone(before)
	maps.Copy(both, after)
	for o := range both {
		was, found := before[o]
		is, remains := after[o]
		_, hadWhole := before[o.whole()]
		_, hasWhole := after[o.whole()]
		what := "changed"
		switch {
		case o != o.whole() && !(hadWhole && hasWhole), found && remains && was.Hash == is.Hash:
			continue
		case !found:
			what = "added"
		case !remains:
			what = "dropped"
		}
		all = append(all, change{o, what, slices.Concat(was.Columns, is.Columns)})
	}
	slices.SortFunc(all, func(a, b change) int {
		return cmp.Or(compareObjects(a.whole(), b.whole()), compareObjects(a.object, b.object))
	})
	return all
}

func (f fingerprint) byObject() map[object]entry {
	all := map[object]entry{}
	for _, e := range f {
		all[e.object] = e
	}
	return all
}

func compareObjects(a, b object) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Table, b.Table), cmp.Compare(a.Parent, b.Parent))
}

// describeChanges returns changes as text. It groups the changes of a table.
func describeChanges(changes []change) string {
	var texts []string
	var last object
	for _, c := range changes {
		of := c.whole()
		if of != last {
			what := c.what
			if of != c.object {
				what = "changed"
			}
			texts = append(texts, fmt.Sprintf("%s %q was %s", of.Kind, of.Name, what))
			last = of
		}
		if of != c.object {
			texts[len(texts)-1] += fmt.Sprintf(" (%s %q)", c.Kind, c.Name)
		}
	}
	return strings.Join(texts, ", ")
}
