package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/rowtypes"
	"slipway/internal/migrate/run"

	"ariga.io/atlas/sql/schema"
)

// Declared has the declarations that a database and its migrations must match.
type Declared struct {
	// Schema is the text of schema.hcl. If it is nil, it is not compared.
	Schema []byte
	// RowTypes is the text of internal/app/tables.go, or empty if the file is missing. If
	// it is nil, it is not compared.
	RowTypes []byte
}

// Check compares
//   - the live schema with the schema that the applied migrations create,
//   - the migrations with schema.hcl and with the last snapshot,
//   - the row types with schema.hcl,
//   - the files with their checksums in atlas.sum and in the database.
//
// It changes nothing. A pending migration is not a difference. With a [plan.Scratch], Check
// also compares the files of the other dialects with schema.hcl. Without a scratch database
// for MySQL, it compares the live schema with the snapshot, and lists what only a server can
// compare in NotCompared of the report. Collations has what SQLite sorts in another way.
//
// The report has each difference in Drift. If there are differences, Check returns an error
// with their number. It also returns an error if it cannot read something, or if a scratch
// database rejects a statement.
func Check(ctx context.Context, e *run.Engine, declared Declared) (run.Report, error) {
	return e.View(ctx, "check", func(v run.View) error {
		v.Report.Drift = []plan.Drift{}
		for _, f := range v.Edited {
			v.Report.Drift = append(v.Report.Drift, plan.Drift{Between: plan.BetweenSums, Object: f.Version, Detail: f.Detail})
		}
		live, err := e.Dialect.Inspect(ctx, v.Conn)
		if err != nil {
			return err
		}
		if v.Report.Unmanaged, err = e.Dialect.Objects(ctx, v.Conn); err != nil {
			return err
		}
		if e.Dialect.Name == plan.MySQL {
			v.Report.Collations = collations(live)
		}
		c := checker{e, declared, v.Report}
		if err := c.files(ctx, v.Files, v.Applied, live); err != nil {
			return err
		}
		if err := c.otherDialects(ctx); err != nil {
			return err
		}
		if err := c.rowTypes(); err != nil {
			return err
		}
		switch n := len(v.Report.Drift); n {
		case 0:
			return nil
		case 1:
			return fmt.Errorf("1 difference: %s", v.Report.Drift[0])
		default:
			return fmt.Errorf("%d differences: the first is %s", n, v.Report.Drift[0])
		}
	})
}

// checker adds the differences to the report.
type checker struct {
	*run.Engine
	declared Declared
	report   *run.Report
}

// files compares the files of a dialect with the live schema, unless it is nil, and with
// the declarations.
func (c checker) files(ctx context.Context, files plan.Files, applied plan.Point, live *schema.Schema) (err error) {
	h := c.HistoryOf(files)
	defer func() { err = errors.Join(err, h.Close()) }()
	if live != nil {
		changes, unknown, err := h.Differ(ctx, applied, live)
		if err != nil {
			return err
		}
		c.differ(changes, plan.BetweenLive, "the database", "the migrations")
		for _, name := range unknown {
			c.report.NotCompared = append(c.report.NotCompared, plan.BetweenLive+": the expression of "+name)
		}
	}
	if c.declared.Schema == nil {
		return nil
	}
	last, err := plan.LastSnapshot(c.Migrations)
	if err != nil {
		return err
	}
	made, inspected, err := h.At(ctx, plan.Point{File: len(files.List)})
	if err != nil {
		return err
	}
	read := h.FromText
	if !inspected {
		// Use the schema of the snapshot instead of the files.
		read = func(_ context.Context, name string, text []byte) (*schema.Schema, error) {
			return h.Dialect.Parse(name, text)
		}
		if made, err = read(ctx, last.Path(), last.Text); err != nil {
			return err
		}
		c.report.NotCompared = append(c.report.NotCompared, fmt.Sprintf("%s%s (%s): the statements of the files",
			plan.BetweenFiles, last.Path(), h.Dialect.Name))
	}
	var wanted *schema.Schema
	for i, other := range []plan.Snapshot{{Text: c.declared.Schema}, last} {
		name := other.Path()
		if i == 0 || !bytes.Equal(last.Text, c.declared.Schema) { // as a rule, they are the same
			if wanted, err = read(ctx, name, other.Text); err != nil {
				return err
			}
		}
		changes, err := h.Dialect.Compare(made, wanted)
		if err != nil {
			return err
		}
		c.differ(changes, plan.BetweenFiles+name+" ("+h.Dialect.Name+")", "the migrations", name)
	}
	return nil
}

// differ adds changes to the differences. left and right name the compared schemas.
func (c checker) differ(changes []schema.Change, between, left, right string) {
	c.report.Drift = append(c.report.Drift, plan.DescribeDrift(changes, between, left, right)...)
}

// otherDialects compares the files of the other dialects with the declarations.
func (c checker) otherDialects(ctx context.Context) error {
	if c.Scratch == nil || c.declared.Schema == nil {
		return nil
	}
	for _, d := range plan.DialectsOf(c.Migrations) {
		if d.Name == c.Dialect.Name {
			continue
		}
		files, err := c.FilesOf(d)
		if err == nil {
			err = c.files(ctx, files, plan.Point{}, nil)
		}
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", d.Name, err)
		}
	}
	return nil
}

// rowTypes compares the file of row types with the one that schema.hcl generates.
func (c checker) rowTypes() error {
	if c.declared.RowTypes == nil || c.declared.Schema == nil {
		return nil
	}
	source, err := rowtypes.Generate("app", plan.SchemaFile, c.declared.Schema)
	if err == nil && !bytes.Equal(source.Text, c.declared.RowTypes) {
		c.report.Drift = append(c.report.Drift, plan.Drift{Between: "schema.hcl and row types",
			Object: rowtypes.Folder + "/" + rowtypes.File, Detail: "is out of date: run go generate ./" + rowtypes.Folder})
	}
	return err
}
