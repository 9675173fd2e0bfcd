package ddl

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// txn is one statement at work. It changes copies of tables; commit puts them
// into the state.
type txn struct {
	state   *State
	changed map[string]*table // by key; nil for one that is dropped
	named   map[string]other  // 0 for one that is dropped
	effect  Effect
	// set are changes of the state's switches, for commit.
	set []func(*State)
}

func (x *txn) commit() {
	for key, t := range x.changed {
		if t == nil {
			delete(x.state.tables, key)
		} else {
			x.state.tables[key] = t
		}
	}
	for key, o := range x.named {
		if o == 0 {
			delete(x.state.others, key)
		} else {
			x.state.others[key] = o
		}
	}
	for _, set := range x.set {
		set(x.state)
	}
}

// headTokens is how many tokens are enough to know what a statement is.
const headTokens = 24

// run applies one statement.
func (x *txn) run(statement string) error {
	head, err := tokens(x.state.dialect, statement, headTokens)
	if err != nil {
		return err
	}
	if head[len(head)-1].kind != end {
		last := head[len(head)-1].to
		head = append(head, token{kind: end, from: last, to: last})
	}
	p := &parser{dialect: x.state.dialect, text: statement, all: head}
	for p.accept(";") {
	}
	first := p.peek(0)
	if first.kind == end {
		return nil // nothing but comments
	}
	if first.kind != word && !first.is("(") {
		return fmt.Errorf("a statement cannot begin with %s", excerpt(statement[first.from:]))
	}
	verb := strings.ToUpper(first.value)
	x.effect.Verb = verb
	switch verb {
	case "CREATE", "ALTER", "DROP", "RENAME":
		if p, err = newParser(x.state.dialect, statement); err != nil {
			return err
		}
		for p.accept(";") {
		}
		p.take()
		return x.define(verb, p)
	case "INSERT", "REPLACE", "UPDATE", "DELETE", "TRUNCATE", "WITH":
		return x.data(verb, p)
	case "PRAGMA", "SET":
		return x.setting(verb, p)
	case "SELECT", "VALUES", "TABLE", "(", "SHOW", "EXPLAIN", "DESCRIBE", "DESC", "ANALYZE", "OPTIMIZE", "CHECK", "VACUUM", "REINDEX",
		"BEGIN", "START", "COMMIT", "END", "SAVEPOINT", "RELEASE", "LOCK", "UNLOCK", "FLUSH", "GRANT", "REVOKE", "DO", "HANDLER", "KILL":
		return nil
	case "USE", "ATTACH", "DETACH", "ROLLBACK", "LOAD", "IMPORT", "CALL", "PREPARE", "EXECUTE", "DEALLOCATE", "XA", "SOURCE":
		x.vague(verb == "USE" || verb == "CALL" || verb == "EXECUTE" || verb == "ROLLBACK")
		return nil
	}
	return fmt.Errorf("%s is no statement that is known here", excerpt(statement[first.from:]))
}

// vague marks the statement as one that is not understood; with all, it may have
// changed anything.
func (x *txn) vague(all bool) {
	x.effect.Understood = false
	if all {
		x.set = append(x.set, func(s *State) { s.vague = true })
	}
}

// define applies CREATE, ALTER, DROP and RENAME.
func (x *txn) define(verb string, p *parser) error {
	if verb == "CREATE" && x.state.dialect == MySQL {
		p.accept("OR", "REPLACE")
		for p.acceptOne("ALGORITHM", "DEFINER") { // of a view or a trigger
			p.accept("=")
			p.take()
			if at := p.peek(0); at.kind == word && at.value[0] == '@' { // the host
				if p.take(); at.value == "@" {
					p.take()
				}
			}
			p.accept("(", ")")
		}
		if p.accept("SQL", "SECURITY") {
			p.take()
		}
	}
	temp := p.acceptOne("TEMPORARY") || x.state.dialect == SQLite && p.accept("TEMP")
	unique := verb == "CREATE" && p.accept("UNIQUE")
	what := p.take()
	x.effect.Verb = strings.TrimSpace(verb + " " + strings.ToUpper(what.value))
	if what.kind != word {
		p.at = max(0, p.at-1)
		return p.unexpected("what to " + strings.ToLower(verb))
	}
	switch x.effect.Verb {
	case "CREATE TABLE":
		return x.createTable(p, temp)
	case "CREATE INDEX":
		return x.createIndex(p, &index{unique: unique, kind: "BTREE"})
	case "CREATE FULLTEXT", "CREATE SPATIAL":
		if !p.accept("INDEX") {
			return p.unexpected("INDEX")
		}
		x.effect.Verb = "CREATE INDEX"
		return x.createIndex(p, &index{kind: strings.ToUpper(what.value)})
	case "DROP INDEX":
		return x.dropIndexStatement(p)
	case "DROP TABLE", "DROP TABLES":
		x.effect.Verb = "DROP TABLE"
		return x.dropTables(p)
	case "ALTER TABLE":
		return x.alterTable(p)
	case "RENAME TABLE", "RENAME TABLES":
		x.effect.Verb = "RENAME TABLE"
		return x.renameTables(p)
	case "CREATE VIEW", "DROP VIEW", "ALTER VIEW":
		return x.view(p)
	case "CREATE TRIGGER", "DROP TRIGGER", "CREATE USER", "ALTER USER", "DROP USER", "RENAME USER", "CREATE ROLE", "DROP ROLE":
		return nil
	}
	x.vague(verb != "CREATE")
	return nil
}

// view keeps the name of a view, which no table can have.
func (x *txn) view(p *parser) error {
	p.accept("IF", "NOT", "EXISTS")
	p.accept("IF", "EXISTS")
	_, name, err := p.qualified("the name of the view")
	if err != nil {
		return err
	}
	key := x.state.key(name)
	if x.effect.Verb == "DROP VIEW" {
		x.named[key] = 0
		return nil
	}
	if x.find(name) != nil {
		return fmt.Errorf("there is already a table %q", name)
	}
	x.named[key] = view
	return nil
}

// find is the table of a name as the statement has left it so far, or nil.
func (x *txn) find(name string) *table {
	key := x.state.key(name)
	if t, ok := x.changed[key]; ok {
		return t
	}
	return x.state.tables[key]
}

// isOther says what a name stands for that is no table of the model.
func (x *txn) isOther(name string) other {
	key := x.state.key(name)
	if o, ok := x.named[key]; ok {
		return o
	}
	return x.state.others[key]
}

// eachTable calls f with every table as it is now, in no order.
func (x *txn) eachTable(f func(*table)) {
	for key, t := range x.state.tables {
		if _, ok := x.changed[key]; !ok {
			f(t)
		}
	}
	for _, t := range x.changed {
		if t != nil {
			f(t)
		}
	}
}

func (x *txn) put(t *table) { x.changed[x.state.key(t.name)] = t }

// noTable is the error for a table that is not there.
func (x *txn) noTable(name string) error {
	if x.isOther(name) == view {
		return fmt.Errorf("%q is a view, not a table", name)
	}
	near := ""
	x.eachTable(func(t *table) {
		if strings.EqualFold(t.name, name) && t.name != name {
			near = fmt.Sprintf(": there is %q, and capitals matter here", t.name)
		}
	})
	return fmt.Errorf("there is no table %q%s", name, near)
}

// taken is an error when a new table cannot have a name.
func (x *txn) taken(name string) error {
	if t := x.find(name); t != nil {
		return fmt.Errorf("there is already a table %q", t.name)
	}
	if x.isOther(name) == view {
		return fmt.Errorf("there is already a view %q", name)
	}
	if x.state.dialect == SQLite {
		if strings.HasPrefix(strings.ToLower(name), "sqlite_") {
			return fmt.Errorf("the name %q is one that SQLite keeps to itself", name)
		}
		if t, _ := x.indexAnywhere(name); t != nil {
			return fmt.Errorf("there is already an index %q, on table %q", name, t.name)
		}
	}
	return nil
}

// indexAnywhere finds an index of SQLite, whose names are the database's.
func (x *txn) indexAnywhere(name string) (on *table, at int) {
	x.eachTable(func(t *table) {
		if i := t.indexAt(name); i >= 0 {
			on, at = t, i
		}
	})
	return on, at
}

// builder makes Atlas's objects of tables as they are now.
func (x *txn) builder() *builder {
	// What it links to may be asked for after the statement went on.
	return newBuilder(x.state.dialect, x.find)
}

func (x *txn) change(c ...schema.Change) { x.effect.Changes = append(x.effect.Changes, c...) }
