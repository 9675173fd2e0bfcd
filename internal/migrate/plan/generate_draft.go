package plan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"

	declared "slipway/internal/migrate/schema"
)

// draft is one dialect's part of a migration that is being written.
type draft struct {
	Dialect
	Up, down     []*migrate.Change
	irreversible string
	drops        []string
	warnings     []string
	// filled names the columns that a fill was used for.
	filled map[string]bool
}

// draft plans the up statements from a snapshot to schema.hcl, and the down statements. It
// plans the down statements separately, because Atlas's reverse statements are incorrect for
// tables that SQLite must rebuild.
func (d Dialect) draft(ctx context.Context, recorded Snapshot, wanted []byte, asked asked) (draft, error) {
	made := draft{Dialect: d, filled: map[string]bool{}}
	var err error
	if made.Up, err = made.planUp(ctx, recorded, wanted, asked); err != nil {
		return draft{}, err
	}
	if made.down, err = made.planDown(ctx, recorded, wanted, asked); err != nil {
		// The file and the result state the reason.
		made.irreversible, made.down = err.Error(), nil
	}
	return made, nil
}

func (made *draft) planUp(
	ctx context.Context, recorded Snapshot, wanted []byte, asked asked,
) ([]*migrate.Change, error) {
	// Parse again for each plan: planners change the schemas.
	from, to, err := made.parseBoth(recorded, wanted)
	if err != nil {
		return nil, err
	}
	if err := asked.check(from, to); err != nil {
		return nil, err
	}
	first, err := made.renameAll(ctx, from, asked.renames)
	if err != nil {
		return nil, err
	}
	made.warnings = append(made.warnings, newlyLeftOut(from, to)...)
	changes, err := made.diff(from, to)
	if err != nil {
		return nil, err
	}
	if err := made.judge(changes, asked); err != nil {
		return nil, err
	}
	if made.Name == MySQL {
		if err := cmp.Or(refuseConversions(changes), refuseTargets(changes), refuseLimits(changes)); err != nil {
			return nil, declared.At(SchemaFile, wanted, err)
		}
	}
	made.drops = dropped(changes)
	fills := filler{Dialect: made.Dialect, asked: asked, used: made.filled, warn: func(text string) {
		made.warnings = append(made.warnings, text)
	}}
	fills.declare = func() (*schema.Schema, error) { return declared.MySQL(SchemaFile, wanted) }
	if changes, err = fills.expand(changes, fills.valueUp); err != nil {
		return nil, err
	}
	rest, err := made.plan(ctx, changes)
	if err != nil {
		return nil, fmt.Errorf("%s: plan for %s: %w", SchemaFile, made.Name, err)
	}
	return afterRenames(made.Dialect, to, first, rest), nil
}

// newlyLeftOut lists what the translation to SQLite leaves out of a schema, and did not leave
// out of an earlier one.
func newlyLeftOut(from, to *schema.Schema) []string {
	before := declared.LeftOut(from)
	return slices.DeleteFunc(declared.LeftOut(to), func(s string) bool { return slices.Contains(before, s) })
}

// judge returns an error for changes that need an option, and adds warnings about changes
// that may fail on some rows. It checks only MySQL's changes, because many MySQL types have
// the same name on SQLite.
func (made *draft) judge(changes []schema.Change, asked asked) error {
	if made.Name != MySQL {
		return nil
	}
	made.warnings = append(made.warnings, typeWarnings(changes, false)...)
	return lookAlike(changes, asked)
}

func (made *draft) planDown(
	ctx context.Context, recorded Snapshot, wanted []byte, asked asked,
) ([]*migrate.Change, error) {
	to, from, err := made.parseBoth(recorded, wanted)
	if err != nil {
		return nil, err
	}
	first, err := made.renameAll(ctx, from, backwards(asked.renames))
	if err != nil {
		return nil, err
	}
	changes, err := made.diff(from, to)
	if err != nil {
		return nil, err
	}
	if made.Name == MySQL {
		if err := refuseLimits(changes); err != nil {
			return nil, err
		}
	}
	fills := filler{Dialect: made.Dialect}
	fills.declare = func() (*schema.Schema, error) { return declared.MySQL(recorded.Path(), recorded.Text) }
	expanded, err := fills.expand(changes, fills.valueDown)
	if err != nil {
		return nil, err
	}
	rest, err := made.plan(ctx, expanded)
	if err != nil {
		return nil, err
	}
	if made.Name == MySQL {
		made.warnings = append(made.warnings, typeWarnings(changes, true)...)
	}
	return withoutPragmas(afterRenames(made.Dialect, to, first, rest)), nil
}

// withoutPragmas removes the statements that turn foreign keys off and on. Only the engine
// runs down statements, and it turns foreign keys off itself. The up statements keep them for
// other tools.
func withoutPragmas(changes []*migrate.Change) (kept []*migrate.Change) {
	for _, c := range changes {
		if !strings.HasPrefix(c.Cmd, "PRAGMA foreign_keys") {
			kept = append(kept, c)
		}
	}
	return kept
}

// isData reports whether a planned statement sets values in rows.
func isData(c *migrate.Change) bool { return strings.HasPrefix(c.Cmd, "UPDATE ") }

func (d Dialect) parseBoth(recorded Snapshot, wanted []byte) (from, to *schema.Schema, err error) {
	if from, err = d.Parse(recorded.Path(), recorded.Text); err != nil {
		return nil, nil, err
	}
	to, err = d.Parse(SchemaFile, wanted)
	return from, to, err
}

// diff compares two parsed schemas. By default, Atlas ignores what a server adds by itself,
// and therefore misses a changed check and an index that is dropped with its foreign key.
func (d Dialect) diff(from, to *schema.Schema) ([]schema.Change, error) {
	changes, err := d.differ.SchemaDiff(from, to, schema.DiffNormalized())
	if err == nil && d.Name == MySQL {
		changes = addAutoIncrements(from, to, changes)
	}
	return changes, err
}

// planner returns Atlas's planner for the dialect.
func (d Dialect) planner() migrate.PlanApplier {
	if d.Name == MySQL {
		return mysql.DefaultPlan
	}
	return sqlite.DefaultPlan
}

// dropped returns the tables and columns that changes drop with their data.
func dropped(changes []schema.Change) (names []string) {
	for _, c := range changes {
		switch c := c.(type) {
		case *schema.DropTable:
			names = append(names, c.T.Name)
		case *schema.ModifyTable:
			for _, c2 := range c.Changes {
				if drop, ok := c2.(*schema.DropColumn); ok {
					names = append(names, c.T.Name+"."+drop.C.Name)
				}
			}
		}
	}
	return names
}

// readBack returns an error unless the file parses into the planned statements. Names,
// comments and defaults may contain any character.
func (made draft) readBack(text string) error {
	statements, err := made.Scan(text)
	if err != nil {
		return err
	}
	down, _, err := made.ParseDown(text)
	if err != nil {
		return err
	}
	if !sameStatements(made.Up, texts(statements)) || !sameStatements(made.down, down.Statements) {
		return errors.New("the SQL file does not parse as planned: remove semicolons and line breaks from names and defaults")
	}
	return nil
}

func sameStatements(planned []*migrate.Change, read []string) bool {
	if len(planned) != len(read) {
		return false
	}
	for i, c := range planned {
		if strings.TrimSuffix(read[i], ";") != c.Cmd {
			return false
		}
	}
	return true
}

func texts(statements []*migrate.Stmt) (all []string) {
	for _, s := range statements {
		all = append(all, s.Text)
	}
	return all
}
