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
	"errors"

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
	schema  *schema.Schema
}

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
	return &State{dialect: dialect, schema: schema.New("")}, nil
}

// Apply reads one statement and brings the state to where the database would be
// after it. It returns an error when the statement cannot be applied: an unknown
// table, column or index, a name that is taken, a syntax it cannot read in a
// statement it should know. The state is unchanged then. It never panics.
func (s *State) Apply(statement string) (Effect, error) {
	return Effect{}, errors.New("ddl: not built")
}

// Clone returns a copy that shares nothing with the state: what is applied to
// one does not show in the other.
func (s *State) Clone() *State { return &State{dialect: s.dialect, schema: s.schema} }

// Schema returns a copy of the schema for the caller to keep and to change.
func (s *State) Schema() *schema.Schema { return s.schema }

// Diff says what has to change so that from becomes to, in Atlas's terms. What
// differs in spelling only is left out, and so is Atlas's table of applied
// versions. Neither schema is changed.
func Diff(dialect string, from, to *schema.Schema) ([]schema.Change, error) {
	return nil, errors.New("ddl: not built")
}
