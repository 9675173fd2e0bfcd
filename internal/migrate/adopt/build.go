package adopt

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/rowtypes"
	declared "slipway/internal/migrate/schema"
)

// Options says what kind of project to make.
type Options struct {
	// MySQLOnly makes a project without migrations for SQLite.
	MySQLOnly bool
	// Now becomes the version of the baseline.
	Now time.Time
}

// Project has the files of a project that was made from a database.
type Project struct {
	// Files are the texts of the new files, by their paths relative to the root.
	Files map[string][]byte
	// Baseline is the version that the database has, and Pending are the paths of the later
	// migrations for its dialect.
	Baseline string
	Pending  []string
	// Tables are the names of the tables.
	Tables []string
	// Notes say what the project does not have, or has otherwise, on one of the dialects, and
	// what the API does not serve.
	Notes []string

	source   Source
	dialects []plan.Dialect
}

// Unmanaged lists the objects of the database that slipway does not manage.
func (p *Project) Unmanaged() []plan.Object { return p.source.Unmanaged }

// baselineName and the others are the descriptions of the migrations.
const (
	baselineName = "baseline"
	checksName   = "add_checks"
	keysName     = "create_" + keysTable
)

const versionLayout = "20060102150405"

func isVersion(s string) bool {
	_, err := time.Parse(versionLayout, s)
	return err == nil
}

// Build makes the files. It returns a [Refusal] for what SQLite cannot express, unless
// opts.MySQLOnly is set.
func (s Source) Build(ctx context.Context, opts Options) (*Project, error) {
	p := &Project{Files: map[string][]byte{}, source: s, dialects: plan.Dialects}
	if opts.MySQLOnly {
		p.dialects = plan.Dialects[:1]
	}
	for _, t := range s.Tables.Tables {
		p.Tables = append(p.Tables, t.Name)
	}
	own, err := hasKeys(s.Dialect, s.Tables)
	if err != nil {
		return nil, err
	}
	p.Notes = s.extraNotes()
	base, left, err := s.Dialect.Declare(s.Tables)
	if err != nil {
		return nil, err
	}
	p.Notes = slices.Concat(p.Notes, s.numbers, left, s.violationNotes())
	if err := p.sqliteNotes(base); err != nil {
		return nil, err
	}
	first, err := firstVersion(s.Version, opts.Now)
	if err != nil {
		return nil, err
	}
	steps := steps{p: p, folders: map[string]*migrate.MemDir{}, next: first}
	p.Baseline = steps.version()
	empty, baseline := plan.Snapshot{Text: []byte{}}, plan.Snapshot{Version: p.Baseline, Text: base}
	if err := steps.baseline(ctx, empty, baseline); err != nil {
		return nil, err
	}
	whole := baseline
	if !own {
		whole = plan.Snapshot{Version: steps.version(), Text: append(bytes.Clone(base), "\n"+string(keysBlock)...)}
		if err := steps.keys(ctx, baseline, whole); err != nil {
			return nil, err
		}
	}
	return p, p.finish(whole.Text, steps.folders)
}

// firstVersion returns the version of the baseline as a time.
func firstVersion(recorded string, now time.Time) (time.Time, error) {
	if recorded == "" {
		return now.UTC(), nil
	}
	return time.Parse(versionLayout, recorded)
}

// sqliteNotes adds what SQLite does not have of a schema.
func (p *Project) sqliteNotes(text []byte) error {
	if len(p.dialects) == 1 {
		return nil
	}
	made, err := declared.SQLite(plan.SchemaFile, text)
	if err != nil {
		reasons := declared.SQLiteProblems(plan.SchemaFile, text)
		if len(reasons) == 0 {
			return err
		}
		last := &reasons[len(reasons)-1]
		*last += "; change that in the database, or add --mysql-only for a project without SQLite"
		return &Refusal{reasons}
	}
	p.Notes = append(p.Notes, declared.LeftOut(made)...)
	return nil
}

// steps writes migrations.
type steps struct {
	p       *Project
	folders map[string]*migrate.MemDir
	next    time.Time
}

// version returns the next version.
func (s *steps) version() string {
	v := s.next.Format(versionLayout)
	s.next = s.next.Add(time.Second)
	return v
}

// add adds a file to the folder of a dialect, unless its text is empty.
func (s *steps) add(d plan.Dialect, version, name, text string) error {
	if s.folders[d.Name] == nil {
		s.folders[d.Name] = &migrate.MemDir{}
	}
	if text == "" {
		return nil
	}
	file := version + "_" + name + ".sql"
	path := "migrations/" + d.Name + "/" + file
	s.p.Files[path] = []byte(text)
	if d.Name == s.p.source.Dialect.Name && name != baselineName {
		s.p.Pending = append(s.p.Pending, path)
	}
	return s.folders[d.Name].WriteFile(file, []byte(text))
}

// baseline writes the migrations that lead to the tables of the database.
func (s *steps) baseline(ctx context.Context, empty, to plan.Snapshot) error {
	source := s.p.source
	checks := ""
	if source.Dialect.Name == plan.SQLite {
		checks = s.version()
	}
	for _, d := range s.p.dialects {
		if d.Name == plan.SQLite && checks != "" {
			if err := s.add(d, to.Version, baselineName, source.ownBaseline()); err != nil {
				return err
			}
			text, err := source.checksMigration(ctx, to.Text)
			if err == nil {
				err = s.add(d, checks, checksName, text)
			}
			if err != nil {
				return err
			}
			continue
		}
		text, err := d.Migration(ctx, empty, to, source.addExtrasFor(d))
		if err == nil {
			err = s.add(d, to.Version, baselineName, text)
		}
		if err != nil {
			return err
		}
	}
	s.p.Files[to.Path()] = to.Text
	return nil
}

func (s Source) addExtrasFor(d plan.Dialect) func([]*migrate.Change) []*migrate.Change {
	if d.Name == plan.MySQL && s.Dialect.Name == plan.MySQL {
		return s.addExtras
	}
	return nil
}

// keys writes the migration that creates slipway's own table.
func (s *steps) keys(ctx context.Context, from, to plan.Snapshot) error {
	for _, d := range s.p.dialects {
		text, err := d.Migration(ctx, from, to, nil)
		if err == nil {
			err = s.add(d, to.Version, keysName, text)
		}
		if err != nil {
			return err
		}
	}
	s.p.Files[to.Path()] = to.Text
	return nil
}

// adoptedFile has the rules for all tables of an adopted database. It is written once, and
// then belongs to the developer.
const adoptedFile = rowtypes.Folder + "/adopted.go"

//go:embed adopted.go.txt
var adoptedSource []byte

// finish adds the files beside the migrations.
func (p *Project) finish(text []byte, folders map[string]*migrate.MemDir) error {
	p.Files[plan.SchemaFile] = text
	for name, dir := range folders {
		sum, err := dir.Checksum()
		if err != nil {
			return err
		}
		if p.Files["migrations/"+name+"/"+migrate.HashFileName], err = sum.MarshalText(); err != nil {
			return err
		}
	}
	source, err := rowtypes.Generate("app", plan.SchemaFile, text)
	if err != nil {
		return fmt.Errorf("write the row types: %w", err)
	}
	p.Files[rowtypes.Folder+"/"+rowtypes.File] = source.Text
	p.Files[adoptedFile] = adoptedSource
	p.Notes = append(p.Notes, source.Notes...)
	return nil
}
