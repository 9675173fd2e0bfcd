package migration

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migration/ddl"
)

// Declared is what a database and its migrations ought to add up to.
type Declared struct {
	// Schema is the text of schema.hcl; a nil text is not compared.
	Schema []byte
	// Snapshot is the one of the last version; without a text it is not compared.
	Snapshot Snapshot
	// Others are the migration files of the other dialects, which are compared with
	// schema.hcl as well.
	Others map[string]fs.FS
	// RowTypes is the text of internal/app/tables.go, empty where the file is
	// missing; a nil text is not compared.
	RowTypes []byte
}

// Drift is one difference between two things that ought to be alike.
type Drift struct {
	// Between names the two: "database and migrations", say.
	Between string `json:"between"`
	// Object is a table, "users", or a part of one, "users.bio".
	Object string `json:"object"`
	Detail string `json:"detail"`
}

func (d Drift) String() string {
	if d.Object == "" {
		return d.Between + ": " + d.Detail
	}
	return d.Between + ": " + d.Object + " " + d.Detail
}

// The pairs that [Engine.Check] compares.
const (
	betweenLive  = "database and migrations"
	betweenFiles = "migrations and " // schema.hcl, or the last snapshot
	betweenSums  = "database and files"
)

// Check compares the live schema with what its migrations add up to, the
// migrations with schema.hcl, the row types with schema.hcl, and the files with
// their checksums and with the hashes that the database has of them. It changes
// nothing. What is pending is no difference: the live schema is compared with
// the migrations that are applied.
//
// The report has each difference in Drift. When there is one, the error counts
// them; another error says that something could not be read, or that a file has
// a statement that cannot be followed without running it.
func (e *Engine) Check(ctx context.Context, declared Declared) (Report, error) {
	report, started := e.begin("check"), time.Now()
	err := e.with(ctx, func(files files, s session) error {
		st, err := files.read(ctx, s)
		if err != nil {
			return err
		}
		report.describe(st, "")
		report.Applied = append(report.Applied, st.applied...)
		if st.problem != nil {
			return &failureError{Failure: *st.problem}
		}
		report.Drift = append([]Drift{}, files.checkHashes(st)...)
		live, err := e.dialect.inspect(ctx, s)
		if err != nil {
			return err
		}
		applied, err := files.stateOf(st)
		if err != nil {
			return err
		}
		if err := report.compare(e.dialect, betweenLive, applied.Schema(), live, "the migrations", "the database"); err != nil {
			return err
		}
		if err := files.checkDeclared(declared, report); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(declared.Others)) {
			other, err := readFiles(name, declared.Others[name])
			if err == nil {
				err = other.checkDeclared(declared, report)
			}
			if err != nil {
				return fmt.Errorf("migrations for %s: %w", name, err)
			}
		}
		stale, err := checkRowTypes(declared)
		report.Drift = append(report.Drift, stale...)
		return err
	})
	if n := len(report.Drift); err == nil && n > 0 {
		err = fmt.Errorf("%d differences: the first is %s", n, report.Drift[0])
		if n == 1 {
			err = fmt.Errorf("1 difference: %s", report.Drift[0])
		}
	}
	return report.finish(started, err)
}

// checkDeclared compares the files of a dialect with what is declared.
func (f files) checkDeclared(declared Declared, report *Report) error {
	all, err := f.replay(f.last(), -1)
	if err != nil {
		return err
	}
	for _, other := range []struct {
		name string
		text []byte
	}{
		{schemaFile, declared.Schema},
		{declared.Snapshot.path(), declared.Snapshot.Text},
	} {
		if other.text == nil {
			continue
		}
		wanted, err := f.dialect.parse(other.name, other.text)
		if err != nil {
			return err
		}
		between := betweenFiles + other.name + " (" + f.dialect.name + ")"
		if err := report.compare(f.dialect, between, wanted, all.Schema(), other.name, "the migrations"); err != nil {
			return err
		}
	}
	return nil
}

// checkHashes finds files that were edited after they were applied.
func (f files) checkHashes(st state) (drift []Drift) {
	for _, r := range st.revisions {
		i := f.index(r.Version)
		if i < 0 {
			drift = append(drift, Drift{betweenSums, r.Version, "is applied, and its file is not here: a newer build has been at work, or the file is lost"})
			continue
		}
		if r.Hash != "" && r.Hash != f.steps[i].hash {
			drift = append(drift, Drift{betweenSums, r.Version, fmt.Sprintf("was edited after it was applied: restore %s, or accept it with `db repair`", f.steps[i].file.Name())})
			// A hash covers all files before its own: the ones after this say nothing.
			return drift
		}
	}
	return drift
}

// stateOf is the schema that what is applied adds up to.
func (f files) stateOf(st state) (*ddl.State, error) {
	version, statements := st.live, -1
	if n := len(st.revisions); n > 0 && !whole(st.revisions[n-1]) {
		version, statements = st.revisions[n-1].Version, st.revisions[n-1].Applied
	}
	return f.replay(version, statements)
}

// replay is the schema that the files up to a version add up to, of that version
// only the first statements (all for -1); for the version "" it is empty. The
// error names the statement that cannot be followed.
func (f files) replay(version string, statements int) (*ddl.State, error) {
	state, err := ddl.New(f.dialect.name)
	if err != nil {
		return nil, err
	}
	for _, s := range f.steps {
		if s.file.Version() > version {
			break
		}
		up := s.statements
		if s.file.Version() == version && statements >= 0 {
			up = up[:min(statements, len(up))]
		}
		for i, statement := range up {
			if _, err := state.Apply(statement); err != nil {
				return nil, fmt.Errorf("%s: statement %d cannot be followed: %w", s.file.Name(), i+1, err)
			}
		}
	}
	return state, nil
}

// compare adds the differences between two schemas to the report.
func (r *Report) compare(d dialect, between string, left, right *schema.Schema, leftName, rightName string) error {
	changes, err := ddl.Diff(d.name, left, right)
	if err != nil {
		return fmt.Errorf("compare %s: %w", between, err)
	}
	r.Drift = append(r.Drift, describeDrift(changes, between, leftName, rightName)...)
	return nil
}
