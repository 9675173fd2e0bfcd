// Package ddl reads the schema statements of MySQL and of SQLite and keeps the
// schema they add up to, without a server: a static model of what a database
// would be after the same statements. Lint, the drift check and diagrams stand
// on it.
//
//   - A State begins empty (New) and takes one statement after another (Apply),
//     each of which says what it does (Effect).
//   - Diff compares two schemas, wherever they come from, and leaves out what is
//     only a matter of spelling.
//
// The schema is in the terms of the Atlas library, in the form in which Atlas
// inspects a real database. The room knows no other room and opens nothing: no
// file, no connection.
package ddl

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// The dialects, as DATABASE_URL and the folders of migrations/ name them.
const (
	MySQL  = "mysql"
	SQLite = "sqlite"
)

// State is the schema that the statements applied so far add up to.
type State struct {
	dialect string
	tables  map[string]*table // by key
	// others are names of what is no table of the model: views, temporary tables,
	// and tables made by a statement that was not understood.
	others map[string]other
	// vague is true after a statement that may have made or changed anything.
	vague bool
	// unchecked is true after SET foreign_key_checks = 0 (MySQL), legacy after
	// PRAGMA legacy_alter_table = on and unreferenced after PRAGMA foreign_keys =
	// off (SQLite).
	unchecked, legacy, unreferenced bool
}

// other is what a name stands for that is no table of the model.
type other uint8

const (
	view other = iota + 1
	temporary
	opaque // a table whose columns nobody knows
)

// Effect is what one statement does.
type Effect struct {
	// Verb is the statement's kind in capitals: "CREATE TABLE", "ALTER TABLE",
	// "DROP TABLE", "RENAME TABLE", "CREATE INDEX", "DROP INDEX", "INSERT",
	// "REPLACE", "UPDATE", "DELETE", "TRUNCATE", "PRAGMA", "SET", "CREATE VIEW",
	// "CREATE TRIGGER"; the first word or two of what has no meaning for tables.
	Verb string
	// Table is what the statement is about: the first one where it names several,
	// "" when it is about none.
	Table string
	// Changes are in Atlas's terms, with objects complete as they are before or
	// after the statement. Several actions in one ALTER are several changes of
	// one schema.ModifyTable.
	Changes []schema.Change
	// Understood is false when the statement may have changed the schema in a way
	// the model does not follow: CREATE TABLE … SELECT, a procedure, an unknown
	// action.
	Understood bool
	// Where says whether an UPDATE or DELETE has a WHERE.
	Where bool
	// Algorithm and Lock are the clauses ALGORITHM=… and LOCK=… of MySQL in
	// capitals, "" when not stated.
	Algorithm, Lock string
}

// Unnamed marks a constraint or index that its statement gave no name, so that
// the database chose one. It stands among the Attrs of a schema.Index,
// schema.ForeignKey or schema.Check; IsUnnamed finds it.
type Unnamed struct{ schema.Attr }

// IsUnnamed says whether the Attrs of an index, foreign key or check say that
// the statement gave it no name.
func IsUnnamed(attrs []schema.Attr) bool {
	for _, a := range attrs {
		if _, ok := a.(*Unnamed); ok {
			return true
		}
	}
	return false
}

// New returns the state of an empty database of the dialect, "mysql" or
// "sqlite". Another dialect is an error.
func New(dialect string) (*State, error) {
	if dialect != MySQL && dialect != SQLite {
		return nil, fmt.Errorf("ddl: no dialect %q: use %s or %s", dialect, MySQL, SQLite)
	}
	return &State{dialect: dialect, tables: map[string]*table{}, others: map[string]other{}}, nil
}

// Apply reads one statement and brings the state to where the database would be
// after it. It returns an error when the statement cannot be applied: an unknown
// table, column or index, a name that is taken, a syntax it cannot read in a
// statement it should know. The state is unchanged then. It never panics.
//
// An action is one change, and what the database does besides is none: the index
// MySQL makes for a foreign key, and the indexes and checks that go with a
// column, show in the tables before and after only.
func (s *State) Apply(statement string) (Effect, error) {
	x := &txn{state: s, changed: map[string]*table{}, named: map[string]other{}, effect: Effect{Understood: true}}
	if err := x.run(statement); err != nil {
		return Effect{}, err
	}
	x.commit()
	return x.effect, nil
}

// Clone returns a copy that shares nothing with the state: what is applied to
// one does not show in the other.
func (s *State) Clone() *State {
	c := *s
	c.tables, c.others = maps.Clone(s.tables), maps.Clone(s.others)
	return &c
}

// Schema returns a copy of the schema for the caller to keep and to change, its
// tables in the order of their names.
func (s *State) Schema() *schema.Schema {
	b := newBuilder(s.dialect, func(name string) *table { return s.tables[s.key(name)] })
	for _, key := range slices.Sorted(maps.Keys(s.tables)) {
		b.table(s.tables[key])
	}
	b.link()
	return b.schema
}

// key is what a table is found by: MySQL tells tables apart by capitals.
func (s *State) key(name string) string {
	if s.dialect == MySQL {
		return name
	}
	return strings.ToLower(name)
}
