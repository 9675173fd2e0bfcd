package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"slipway/internal/migrate/rowtypes"

	"ariga.io/atlas/sql/schema"
)

// Declared is what a database and its migrations ought to add up to.
type Declared struct {
	// Schema is the text of schema.hcl; a nil text is not compared.
	Schema []byte
	// RowTypes is the text of internal/app/tables.go, empty where the file is
	// missing; a nil text is not compared.
	RowTypes []byte
}

// Check compares the live schema with what its migrations add up to, the
// migrations with schema.hcl and with the last snapshot, the row types with schema.hcl,
// and the files with their checksums and with the hashes that the database has of them.
// It changes nothing. What is pending is no difference: the live schema is compared with
// the migrations that are applied. With a [plan.Scratch], the files of the other dialects are
// compared with schema.hcl as well.
//
// What is compared is alike: schemas that databases describe, or declared ones. Where
// there is no scratch database for MySQL, the live schema is compared with the snapshot,
// and what only a server could tell is in the report's NotCompared.
//
// The report has each difference in Drift. When there is one, the error counts
// them; another error says that something could not be read, or that a file has
// a statement that a scratch database refuses.
func Check(ctx context.Context, e *run.Engine, declared Declared) (run.Report, error) {
	return e.View(ctx, "check", func(v run.View) error {
		report := v.Report
		report.Drift = []plan.Drift{}
		for _, f := range v.Edited {
			report.Drift = append(report.Drift, plan.Drift{Between: plan.BetweenSums, Object: f.Version, Detail: f.Detail})
		}
		live, err := e.Dialect.Inspect(ctx, v.Conn)
		if err != nil {
			return err
		}
		if err := checkFiles(ctx, e, v.Files, v.Applied, live, declared, report); err != nil {
			return err
		}
		if err := checkOthers(ctx, e, declared, report); err != nil {
			return err
		}
		stale, err := checkRowTypes(declared)
		if err != nil {
			return err
		}
		report.Drift = append(report.Drift, stale...)
		switch n := len(report.Drift); n {
		case 0:
			return nil
		case 1:
			return fmt.Errorf("1 difference: %s", report.Drift[0])
		default:
			return fmt.Errorf("%d differences: the first is %s", n, report.Drift[0])
		}
	})
}

// checkFiles compares the files of a dialect with the live schema, which is nil where
// there is none, and with what is declared.
func checkFiles(
	ctx context.Context, e *run.Engine, files plan.Files, applied plan.Point, live *schema.Schema, declared Declared,
	report *run.Report,
) (err error) {
	h := e.HistoryOf(files)
	defer func() { err = errors.Join(err, h.Close()) }()
	if live != nil {
		changes, unknown, err := h.Differ(ctx, applied, live)
		if err != nil {
			return err
		}
		addDrift(report, changes, plan.BetweenLive, "the database", "the migrations")
		for _, name := range unknown {
			report.NotCompared = append(report.NotCompared, plan.BetweenLive+": the expression of "+name)
		}
	}
	if declared.Schema == nil {
		return nil
	}
	last, err := plan.LastSnapshot(e.Migrations)
	if err != nil {
		return err
	}
	made, inspected, err := h.At(ctx, plan.Point{File: len(files.List)})
	if err != nil {
		return err
	}
	if !inspected {
		// What the snapshot declares stands for the files.
		if made, err = h.Dialect.Parse(last.Path(), last.Text); err != nil {
			return err
		}
		report.NotCompared = append(report.NotCompared, fmt.Sprintf("%s%s (%s): the statements of the files",
			plan.BetweenFiles, last.Path(), h.Dialect.Name))
	}
	for _, other := range []plan.Snapshot{{Text: declared.Schema}, last} {
		name := other.Path()
		var wanted *schema.Schema
		if inspected {
			wanted, err = h.FromText(ctx, name, other.Text)
		} else {
			wanted, err = h.Dialect.Parse(name, other.Text)
		}
		if err != nil {
			return err
		}
		changes, err := h.Dialect.Compare(made, wanted)
		if err != nil {
			return err
		}
		addDrift(report, changes, plan.BetweenFiles+name+" ("+h.Dialect.Name+")", "the migrations", name)
	}
	return nil
}

// checkOthers compares the files of the other dialects with what is declared.
func checkOthers(ctx context.Context, e *run.Engine, declared Declared, report *run.Report) error {
	if e.Scratch == nil || declared.Schema == nil {
		return nil
	}
	for _, d := range plan.Dialects {
		if d.Name == e.Dialect.Name {
			continue
		}
		files, err := e.FilesOf(d)
		if err == nil {
			err = checkFiles(ctx, e, files, plan.Point{}, nil, declared, report)
		}
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", d.Name, err)
		}
	}
	return nil
}

// addDrift adds what leads from one schema to another to the report.
func addDrift(r *run.Report, changes []schema.Change, between, left, right string) {
	r.Drift = append(r.Drift, plan.DescribeDrift(changes, between, left, right)...)
}

// betweenRowTypes is the pair that checkRowTypes compares.
const betweenRowTypes = "schema.hcl and row types"

// checkRowTypes compares the file of row types with what schema.hcl makes of it.
func checkRowTypes(declared Declared) ([]plan.Drift, error) {
	if declared.RowTypes == nil || declared.Schema == nil {
		return nil, nil
	}
	source, err := rowtypes.Generate("app", plan.SchemaFile, declared.Schema)
	if err != nil || bytes.Equal(source.Text, declared.RowTypes) {
		return nil, err
	}
	detail := "is out of date: run go generate ./" + rowtypes.Folder
	return []plan.Drift{{Between: betweenRowTypes, Object: rowtypes.Folder + "/" + rowtypes.File, Detail: detail}}, nil
}
