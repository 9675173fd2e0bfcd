package plan

import (
	"context"
	"fmt"
	"strings"
	"time"

	"slipway/internal/migrate/atomicfiles"
)

// emptyFile is a migration to be written by hand: its way up and its way down do nothing
// yet. %s are the message and the dialect.
const emptyFile = `-- By hand: %s
-- Write the SQL for %s here, each statement with a semicolon at its end:
--   UPDATE ` + "`notes` SET `title` = 'untitled' WHERE `title` = ''" + `;
-- then run: go run ./local db hash

` + DownMarker + `
-- -- What undoes it stands here, one "-- " before each line, as in:
-- --   UPDATE ` + "`notes` SET `title` = '' WHERE `title` = 'untitled'" + `;
-- -- If nothing can: put "irreversible: WHY" behind the marker above instead.
`

// GenerateEmpty writes a migration without statements, for SQL that schema.hcl
// cannot say: a file for each dialect, or for the one that is named, with a text
// that says where the SQL goes. After the files were edited, [Rehash] accepts
// them. It looks at no schema.hcl and writes no snapshot: the last one holds.
//
// The errors are those of [Generate] that have to do with the message and the
// folders, and a dialect that there is not.
func GenerateEmpty(ctx context.Context, root, message, dialectName string, when time.Time) (Result, error) {
	slug, err := slugify(message)
	if err != nil {
		return Result{}, err
	}
	chosen := Dialects
	if dialectName != "" {
		d, err := DialectByName(dialectName)
		if err != nil {
			return Result{}, fmt.Errorf("there is no dialect %q: use %s or %s", dialectName, MySQL, SQLite)
		}
		chosen = []Dialect{d}
	}
	var result Result
	err = atomicfiles.Update(ctx, root, func(out *atomicfiles.Files) error {
		folders, err := readFolders(root)
		if err != nil {
			return err
		}
		if result.Version, err = nextVersion(when, folders); err != nil {
			return err
		}
		for _, d := range chosen {
			text := fmt.Sprintf(emptyFile, strings.Join(strings.Fields(message), " "),
				map[string]string{MySQL: "MySQL", SQLite: "SQLite"}[d.Name])
			path, err := addFile(out, d, folders[d.Name], result.Version+"_"+slug+".sql", text)
			if err != nil {
				return err
			}
			result.Files = append(result.Files, ResultFile{Dialect: d.Name, Path: path})
		}
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	return result, nil
}
