package migration

import (
	"context"
	"fmt"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	"slipway/internal/migration/ddl"
)

// A run that is killed, or loses its connection, leaves one statement in doubt
// where the database cannot take a schema change back: it may have happened
// without its record. The next run looks whether it has, object by object, and
// records it then instead of running it a second time: some statements would
// fail, and others, such as adding an index without a name, would do it twice.

// stateAt is files.replay for those who can do without: nil when some statement
// cannot be followed, and nothing is known.
func (f files) stateAt(version string, statements int) *ddl.State {
	state, err := f.replay(version, statements)
	if err != nil {
		return nil
	}
	return state
}

// hasRunNext says whether the statement after those that a row records has run
// as well.
func (e *Engine) hasRunNext(ctx context.Context, s session, files files, begun step) (bool, error) {
	r := begun.revision
	if r.Applied >= len(begun.statements) {
		return false, nil
	}
	return e.hasRun(ctx, s, files.stateAt(r.Version, r.Applied), begun.statements[r.Applied])
}

// hasRun says whether the database is, in all that a statement changes, as the
// statement leaves it. It is false for a statement that changes no schema: its
// rows and its record are one transaction, so it has not run.
func (e *Engine) hasRun(ctx context.Context, s session, before *ddl.State, statement string) (bool, error) {
	if before == nil {
		return false, nil
	}
	after := before.Clone()
	effect, err := after.Apply(statement)
	if err != nil || len(effect.Changes) == 0 {
		return false, nil
	}
	live, err := e.dialect.inspect(ctx, s)
	if err != nil {
		return false, err
	}
	missing, err := ddl.Diff(e.dialect.name, live, after.Schema())
	if err != nil {
		return false, err
	}
	wanted := objects(effect.Changes)
	for object := range objects(missing) {
		if wanted[object] {
			return false, nil
		}
	}
	return true, nil
}

// inspect reads the schema of the database, as Atlas sees it.
func (d dialect) inspect(ctx context.Context, conn schema.ExecQuerier) (*schema.Schema, error) {
	var inspector schema.Inspector
	var err error
	if d.name == MySQL {
		inspector, err = mysql.Open(conn)
	} else {
		inspector, err = sqlite.Open(conn)
	}
	if err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	found, err := inspector.InspectSchema(ctx, "", &schema.InspectOptions{
		Mode: schema.InspectSchemas | schema.InspectTables, Exclude: []string{revisionTable},
	})
	if err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	return found, nil
}

// object is something with a name in a schema: a table, or a part of one.
type object struct{ table, kind, name string }

// objects lists what changes touch. A whole table touches its parts by no name:
// a change of a part of it is none of the table as such.
func objects(changes []schema.Change) map[object]bool {
	all := map[object]bool{}
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.AddTable:
			all[object{c.T.Name, "table", ""}] = true
		case *schema.DropTable:
			all[object{c.T.Name, "table", ""}] = true
		case *schema.RenameTable:
			all[object{c.From.Name, "table", ""}] = true
			all[object{c.To.Name, "table", ""}] = true
		case *schema.ModifyTable:
			for _, part := range c.Changes {
				for _, o := range parts(part) {
					o.table = c.T.Name
					all[o] = true
				}
			}
		}
	}
	return all
}

// parts lists what one change of a table touches.
func parts(c schema.Change) []object {
	column := func(names ...string) (all []object) {
		for _, name := range names {
			all = append(all, object{kind: "column", name: name})
		}
		return all
	}
	index := func(names ...string) (all []object) {
		for _, name := range names {
			all = append(all, object{kind: "index", name: name})
		}
		return all
	}
	switch c := c.(type) {
	case *schema.AddColumn:
		return column(c.C.Name)
	case *schema.DropColumn:
		return column(c.C.Name)
	case *schema.ModifyColumn:
		return column(c.From.Name, c.To.Name)
	case *schema.RenameColumn:
		return column(c.From.Name, c.To.Name)
	case *schema.AddIndex:
		return index(c.I.Name)
	case *schema.DropIndex:
		return index(c.I.Name)
	case *schema.ModifyIndex:
		return index(c.From.Name, c.To.Name)
	case *schema.RenameIndex:
		return index(c.From.Name, c.To.Name)
	case *schema.AddForeignKey:
		return []object{{kind: "foreign key", name: c.F.Symbol}}
	case *schema.DropForeignKey:
		return []object{{kind: "foreign key", name: c.F.Symbol}}
	case *schema.ModifyForeignKey:
		return []object{{kind: "foreign key", name: c.From.Symbol}, {kind: "foreign key", name: c.To.Symbol}}
	case *schema.AddCheck:
		return []object{{kind: "check", name: c.C.Name}}
	case *schema.DropCheck:
		return []object{{kind: "check", name: c.C.Name}}
	case *schema.ModifyCheck:
		return []object{{kind: "check", name: c.From.Name}, {kind: "check", name: c.To.Name}}
	case *schema.AddPrimaryKey, *schema.DropPrimaryKey, *schema.ModifyPrimaryKey:
		return []object{{kind: "primary key"}}
	default:
		return []object{{kind: "options"}}
	}
}
