package plan

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"slipway/internal/migrate/atomicfiles"
)

// SchemaFile is the file in which tables are declared.
const SchemaFile = "schema.hcl"

// Options holds the options of [Generate].
type Options struct {
	// Message names the files; it needs a letter or a digit.
	Message string
	// Renames lists renames, which keep the data: "users.name:username" renames a column,
	// "posts:articles" renames a table.
	Renames []string
	// Drops confirms drops if something similar is added: "users.name" is a column, "posts"
	// is a table.
	Drops []string
	// Fills lists values for existing rows, as SQL literals: "users.nickname='none'". The
	// column is new or becomes NOT NULL.
	Fills []string
	// Edit returns the new text of schema.hcl, given the current one. The file is written
	// together with the migration. Default: nil, which leaves the file unchanged.
	Edit func(text []byte) ([]byte, error)
}

// Result is what [Generate] wrote.
type Result struct {
	// Version is the version of the new files; "" if nothing changed.
	Version string `json:"version"`
	// Files has one entry for each dialect that changed.
	Files []ResultFile `json:"files"`
	// Snapshot is the path of the copy of schema.hcl, relative to the project's root,
	// with slashes; "" if no table changed.
	Snapshot string `json:"snapshot"`
	// Warnings has one sentence for each change that may fail on some rows.
	Warnings []string `json:"warnings"`
	// RowTypes is set even if no migration was written.
	RowTypes RowTypes `json:"row_types"`
}

// ResultFile is one new migration file.
type ResultFile struct {
	Dialect string `json:"dialect"`
	// Path is relative to the project's root, with slashes.
	Path string `json:"path"`
	// Up and Down are the numbers of statements. Down is 0 if Irreversible is the reason why
	// the file cannot be undone.
	Up           int    `json:"up"`
	Down         int    `json:"down"`
	Irreversible string `json:"irreversible,omitempty"`
	// Drops lists the tables ("posts") and columns ("users.bio") that the migration drops with
	// their data.
	Drops []string `json:"drops,omitempty"`
}

// Generate compares root/schema.hcl with the last snapshot and writes the migration between
// them: one SQL file for each dialect that changed, with down statements and checksums, the
// [Snapshot] of the new version, and the row types in root/internal/app. It needs no database
// and no network. If nothing changed, it writes no migration, but it writes row types that
// are missing or out of date.
//
// The version is now, or a later second if a dialect has a version that is not earlier.
// Concurrent calls in one folder wait for each other.
//
// It writes all files or none, as [atomicfiles.Update] does.
//
// Generate returns an error if
//   - schema.hcl is missing or invalid;
//   - the files in migrations/ do not match their checksums;
//   - something is dropped and something similar is added, and opts contains neither a rename
//     nor a drop for it;
//   - a column has no value for existing rows;
//   - a rename, drop or fill contradicts schema.hcl;
//   - the name of a table conflicts with a path of the API;
//   - [LastSnapshot] returns an error.
func Generate(ctx context.Context, root string, opts Options, now time.Time) (Result, error) {
	slug, err := slugify(opts.Message)
	if err != nil {
		return Result{}, err
	}
	asked, err := opts.parse()
	if err != nil {
		return Result{}, err
	}
	var result Result
	err = atomicfiles.Update(ctx, root, func(out *atomicfiles.Files) error {
		recorded, wanted, err := readSchemas(root)
		if err != nil {
			return err
		}
		if wanted, err = opts.edit(out, wanted); err != nil {
			return err
		}
		if err := refuseReserved(recorded, wanted); err != nil {
			return err
		}
		drafts, err := draftAll(ctx, dialectsIn(root), recorded, wanted, asked)
		if err != nil {
			return err
		}
		result, err = writeDrafts(out, slug, now, drafts)
		if err == nil && len(result.Files) > 0 {
			result.Snapshot = Snapshot{Version: result.Version}.Path()
			err = out.Write(result.Snapshot, wanted)
		}
		if err == nil {
			result.RowTypes, err = addRowTypes(out, wanted)
		}
		return err
	})
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// edit calls Edit, writes schema.hcl if its text changed, and returns the text.
func (a Options) edit(out *atomicfiles.Files, text []byte) ([]byte, error) {
	if a.Edit == nil {
		return text, nil
	}
	edited, err := a.Edit(text)
	if err != nil || bytes.Equal(edited, text) {
		return text, err
	}
	return edited, out.Write(SchemaFile, edited)
}

// readSchemas reads the last snapshot and schema.hcl.
func readSchemas(root string) (recorded Snapshot, wanted []byte, err error) {
	wanted, err = os.ReadFile(filepath.Join(root, SchemaFile))
	if err != nil {
		return Snapshot{}, nil, fmt.Errorf("read %s, which declares the tables: %w", SchemaFile, err)
	}
	recorded, err = LastSnapshot(os.DirFS(filepath.Join(root, "migrations")))
	return recorded, wanted, err
}

// draftAll plans for all dialects. It returns an error if no dialect used one of the fills.
func draftAll(
	ctx context.Context, dialects []Dialect, recorded Snapshot, wanted []byte, asked asked,
) ([]draft, error) {
	var drafts []draft
	filled := map[string]bool{}
	for _, d := range dialects {
		made, err := d.draft(ctx, recorded, wanted, asked)
		if err != nil {
			return nil, err
		}
		for name := range made.filled {
			filled[name] = true
		}
		drafts = append(drafts, made)
	}
	for name := range asked.fills {
		if !filled[name] {
			return nil, fmt.Errorf("--fill %s: the column needs no value: use --fill only for a new column of an existing "+
				"table, or for a column that becomes NOT NULL", name)
		}
	}
	return drafts, nil
}

// writeDrafts writes a file for each draft that has statements.
func writeDrafts(out *atomicfiles.Files, slug string, now time.Time, drafts []draft) (Result, error) {
	folders, err := readFolders(out.Root)
	if err != nil {
		return Result{}, err
	}
	version, err := nextVersion(now, folders)
	if err != nil {
		return Result{}, err
	}
	var result Result
	for _, draft := range drafts {
		for _, warning := range draft.warnings {
			// Report a warning once if both dialects have it.
			if !slices.Contains(result.Warnings, warning) {
				result.Warnings = append(result.Warnings, warning)
			}
		}
		if len(draft.Up) == 0 {
			continue
		}
		text := formatFile(draft.Up, draft.down, draft.irreversible)
		if err := draft.readBack(text); err != nil {
			return Result{}, fmt.Errorf("%s: %w", draft.folder(), err)
		}
		path, err := addFile(out, draft.Dialect, folders[draft.Name], version+"_"+slug+".sql", text)
		if err != nil {
			return Result{}, err
		}
		result.Version = version
		result.Files = append(result.Files, ResultFile{
			Dialect: draft.Name, Path: path,
			Up: len(draft.Up), Down: len(draft.down), Irreversible: draft.irreversible, Drops: draft.drops,
		})
	}
	return result, nil
}
