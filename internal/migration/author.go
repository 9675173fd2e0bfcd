package migration

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"
)

// schemaFile is the file in which tables are declared, and the name of its copy
// in migrations/: the state that the migrations there add up to.
const schemaFile = "schema.hcl"

// Authored is what [Author] wrote.
type Authored struct {
	// Version of the new files; "" when nothing changed and nothing was written.
	Version string
	// Files has one entry for each dialect that changed.
	Files []AuthoredFile
}

// AuthoredFile is one new migration file.
type AuthoredFile struct {
	Dialect string
	// Path is relative to the project's root, with slashes.
	Path string
	// Up and Down count the statements. Down is 0 when Irreversible says why the
	// file cannot be undone.
	Up, Down     int
	Irreversible string
	// Drops lists what the migration deletes with the data in it: a table as
	// "posts", a column as "users.bio".
	Drops []string
}

// Author compares root/schema.hcl with root/migrations/schema.hcl and writes the
// migration between them: one SQL file for each dialect that changed, with the
// way down and the checksums, and then the copy of schema.hcl. No database and
// no network is needed. When nothing changed, it writes nothing and says so.
//
// The message names the files; it needs a letter or a digit. now becomes the
// version, moved on when it is not later than the last one.
//
// The files are complete or not there: a run that was cut off while putting them
// in place is finished by the next one.
//
// Errors are for the developer to read: schema.hcl missing, or wrong at a line;
// files in migrations/ that do not match their checksum.
func Author(ctx context.Context, root, message string, now time.Time) (Authored, error) {
	slug, err := slugify(message)
	if err != nil {
		return Authored{}, err
	}
	stage := stage{root: root}
	if err := stage.finish(); err != nil {
		return Authored{}, err
	}
	wanted, err := os.ReadFile(filepath.Join(root, schemaFile))
	if err != nil {
		return Authored{}, fmt.Errorf("the tables are declared in %s: %w", schemaFile, err)
	}
	recorded, err := os.ReadFile(filepath.Join(root, "migrations", schemaFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Authored{}, err
	}
	var drafts []draft
	for _, d := range dialects {
		draft, err := d.draft(ctx, recorded, wanted)
		if err != nil {
			return Authored{}, err
		}
		if draft.dir, err = readFolder(root, d.folder()); err != nil {
			return Authored{}, err
		}
		drafts = append(drafts, draft)
	}
	version, err := nextVersion(now, drafts)
	if err != nil {
		return Authored{}, err
	}
	var authored Authored
	for _, draft := range drafts {
		if len(draft.up) == 0 {
			continue
		}
		file, err := draft.add(stage, version+"_"+slug+".sql")
		if err != nil {
			return Authored{}, errors.Join(err, stage.discard())
		}
		authored.Version = version
		authored.Files = append(authored.Files, file)
	}
	if len(authored.Files) == 0 {
		return authored, nil
	}
	if err := stage.write("migrations/"+schemaFile, wanted); err != nil {
		return Authored{}, errors.Join(err, stage.discard())
	}
	if err := stage.commit(); err != nil {
		return Authored{}, err
	}
	return authored, nil
}

// draft is one dialect's part of a migration that is being written.
type draft struct {
	dialect
	up, down     []*migrate.Change
	irreversible string
	drops        []string
	dir          migrate.Dir
}

// draft plans the way between two texts of schema.hcl, and the way back. The way
// back is a plan of its own: Atlas's reverse statements are not right for tables
// that SQLite has to rebuild.
func (d dialect) draft(ctx context.Context, recorded, wanted []byte) (draft, error) {
	// A schema that was planned from is not used again: planners change it.
	diff := func(reverse bool) ([]schema.Change, error) {
		from, err := d.parseSchema("migrations/"+schemaFile, recorded)
		if err != nil {
			return nil, err
		}
		to, err := d.parseSchema(schemaFile, wanted)
		if err != nil {
			return nil, err
		}
		if reverse {
			from, to = to, from
		}
		// Both sides are texts, and say what they mean: by default Atlas allows for
		// what a server adds by itself, and misses a changed check and an index that
		// is dropped together with its foreign key.
		return d.differ.SchemaDiff(from, to, schema.DiffNormalized())
	}
	made := draft{dialect: d}
	changes, err := diff(false)
	if err != nil {
		return draft{}, err
	}
	made.drops = dropped(changes)
	if made.up, err = d.plan(ctx, changes); err != nil {
		return draft{}, fmt.Errorf("%s: plan for %s: %w", schemaFile, d.name, err)
	}
	back, err := diff(true)
	if err == nil {
		made.down, err = d.plan(ctx, back)
	}
	if err != nil {
		// Seldom, and the developer's to judge: the file says so, and so does the
		// result.
		made.irreversible, made.down = err.Error(), nil
	}
	return made, nil
}

// dropped lists what changes delete together with its data.
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

// add puts the draft's file and the new checksums on the stage.
func (d draft) add(stage stage, name string) (AuthoredFile, error) {
	text := formatFile(d.up, d.down, d.irreversible)
	if err := d.readBack(text); err != nil {
		return AuthoredFile{}, fmt.Errorf("%s/%s: %w", d.folder(), name, err)
	}
	if err := d.dir.WriteFile(name, []byte(text)); err != nil {
		return AuthoredFile{}, err
	}
	sum, err := d.dir.Checksum()
	if err != nil {
		return AuthoredFile{}, err
	}
	sums, err := sum.MarshalText()
	if err != nil {
		return AuthoredFile{}, err
	}
	// In this order: until the checksums follow, the new file is seen and refused
	// by whoever reads the folder, never half a migration.
	if err := stage.write(d.folder()+"/"+name, []byte(text)); err != nil {
		return AuthoredFile{}, err
	}
	if err := stage.write(d.folder()+"/"+migrate.HashFileName, sums); err != nil {
		return AuthoredFile{}, err
	}
	return AuthoredFile{
		Dialect: d.name, Path: d.folder() + "/" + name,
		Up: len(d.up), Down: len(d.down), Irreversible: d.irreversible, Drops: d.drops,
	}, nil
}

// readBack makes sure that a file says what was planned, whatever stands in
// names, comments and defaults.
func (d draft) readBack(text string) error {
	statements, err := d.scan(text)
	if err != nil {
		return err
	}
	way, _, err := d.parseDown(text)
	if err != nil {
		return err
	}
	if !sameStatements(d.up, texts(statements)) || !sameStatements(d.down, way.Statements) {
		return errors.New("the SQL does not read back as it was planned: is there a semicolon or a line break in a name or a default?")
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

// readFolder reads a dialect's folder of the project; a folder that is not there
// is an empty one.
func readFolder(root, folder string) (*migrate.MemDir, error) {
	dir, err := openDir(os.DirFS(filepath.Join(root, filepath.FromSlash(folder))))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	return dir, nil
}

// versionLayout is a time in UTC, as Atlas writes versions.
const versionLayout = "20060102150405"

// nextVersion is now, or the next second that is later than every version there
// is. It is the same for all dialects, so that files that belong together show it.
func nextVersion(now time.Time, drafts []draft) (string, error) {
	version := now.UTC().Format(versionLayout)
	for _, d := range drafts {
		files, err := d.dir.Files()
		if err != nil {
			return "", err
		}
		if len(files) == 0 {
			continue
		}
		last := files[len(files)-1]
		if last.Version() < version {
			continue
		}
		t, err := time.Parse(versionLayout, last.Version())
		if err != nil {
			return "", fmt.Errorf("%s/%s: its version comes after any time: versions are times, as in %s",
				d.folder(), last.Name(), version)
		}
		version = t.Add(time.Second).Format(versionLayout)
	}
	return version, nil
}
