package migration

import (
	"bytes"
	"context"
	"errors"
	"fmt"

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

// The pairs that [Engine.Check] compares.
const (
	betweenLive  = "database and migrations"
	betweenFiles = "migrations and " // schema.hcl, or the last snapshot
	betweenSums  = "database and files"
)

// Check compares the live schema with what its migrations add up to, the
// migrations with schema.hcl and with the last snapshot, the row types with schema.hcl,
// and the files with their checksums and with the hashes that the database has of them.
// It changes nothing. What is pending is no difference: the live schema is compared with
// the migrations that are applied. With a [Scratch], the files of the other dialects are
// compared with schema.hcl as well.
//
// What is compared is alike: schemas that databases describe, or declared ones. Where
// there is no scratch database for MySQL, the live schema is compared with the snapshot,
// and what only a server could tell is in the report's NotCompared.
//
// The report has each difference in Drift. When there is one, the error counts
// them; another error says that something could not be read, or that a file has
// a statement that a scratch database refuses.
func Check(ctx context.Context, e *Engine, declared Declared) (Report, error) {
	return e.View(ctx, "check", func(v View) error {
		report := v.Report
		report.Drift = []Drift{}
		for _, f := range v.Edited {
			report.Drift = append(report.Drift, Drift{betweenSums, f.Version, f.Detail})
		}
		live, err := e.dialect.inspect(ctx, v.Conn)
		if err != nil {
			return err
		}
		if err := e.checkFiles(ctx, v.files, v.Applied, live, declared, report); err != nil {
			return err
		}
		if err := e.checkOthers(ctx, declared, report); err != nil {
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
func (e *Engine) checkFiles(
	ctx context.Context, files files, applied point, live *schema.Schema, declared Declared, report *Report,
) (err error) {
	h := e.history(files)
	defer func() { err = errors.Join(err, h.close()) }()
	if live != nil {
		changes, unknown, err := h.differ(ctx, applied, live)
		if err != nil {
			return err
		}
		report.addDrift(changes, betweenLive, "the database", "the migrations")
		for _, name := range unknown {
			report.NotCompared = append(report.NotCompared, betweenLive+": the expression of "+name)
		}
	}
	if declared.Schema == nil {
		return nil
	}
	last, err := lastSnapshot(e.root)
	if err != nil {
		return err
	}
	made, inspected, err := h.at(ctx, point{file: len(files.list)})
	if err != nil {
		return err
	}
	if !inspected {
		// What the snapshot declares stands for the files.
		if made, err = h.dialect.parse(last.path(), last.Text); err != nil {
			return err
		}
		report.NotCompared = append(report.NotCompared, fmt.Sprintf("%s%s (%s): the statements of the files",
			betweenFiles, last.path(), h.dialect.name))
	}
	for _, other := range []Snapshot{{Text: declared.Schema}, last} {
		name := other.path()
		var wanted *schema.Schema
		if inspected {
			wanted, err = h.fromText(ctx, name, other.Text)
		} else {
			wanted, err = h.dialect.parse(name, other.Text)
		}
		if err != nil {
			return err
		}
		changes, err := h.dialect.compare(made, wanted)
		if err != nil {
			return err
		}
		report.addDrift(changes, betweenFiles+name+" ("+h.dialect.name+")", "the migrations", name)
	}
	return nil
}

// checkOthers compares the files of the other dialects with what is declared.
func (e *Engine) checkOthers(ctx context.Context, declared Declared, report *Report) error {
	if e.Scratch == nil || declared.Schema == nil {
		return nil
	}
	for _, d := range dialects {
		if d.name == e.dialect.name {
			continue
		}
		files, err := e.filesOf(d)
		if err == nil {
			err = e.checkFiles(ctx, files, point{}, nil, declared, report)
		}
		if err != nil {
			return fmt.Errorf("migrations for %s: %w", d.name, err)
		}
	}
	return nil
}

// differ returns what leads from the live schema to the one at a point; the names in
// unknown have expressions that are not compared.
func (h *history) differ(ctx context.Context, p point, live *schema.Schema) (
	changes []schema.Change, unknown []string, err error,
) {
	made, inspected, err := h.at(ctx, p)
	if err != nil {
		return nil, nil, err
	}
	if inspected {
		changes, err = h.dialect.compare(live, made)
		return changes, nil, err
	}
	return h.dialect.compareDeclared(live, made)
}

// addDrift adds what leads from one schema to another to the report.
func (r *Report) addDrift(changes []schema.Change, between, left, right string) {
	r.Drift = append(r.Drift, describeDrift(changes, between, left, right)...)
}

// betweenRowTypes is the pair that checkRowTypes compares.
const betweenRowTypes = "schema.hcl and row types"

// checkRowTypes compares the file of row types with what schema.hcl makes of it.
func checkRowTypes(declared Declared) ([]Drift, error) {
	if declared.RowTypes == nil || declared.Schema == nil {
		return nil, nil
	}
	source, err := rowtypes.Generate("app", schemaFile, declared.Schema)
	if err != nil || bytes.Equal(source.Text, declared.RowTypes) {
		return nil, err
	}
	detail := "is out of date: run go generate ./" + rowtypes.Folder
	return []Drift{{betweenRowTypes, rowtypes.Folder + "/" + rowtypes.File, detail}}, nil
}
