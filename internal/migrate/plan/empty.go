package plan

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/migrate/atomicfiles"
)

// emptyFile is a migration without statements, to be edited by hand. The %s are the message
// and the dialect.
const emptyFile = `-- By hand: %s
-- Write the SQL for %s here, each statement with a semicolon at its end:
--   UPDATE ` + "`notes` SET `title` = 'untitled' WHERE `title` = ''" + `;
-- then run: go run ./local db hash

` + DownMarker + `
-- -- Write the down statements here, each line with "-- " before it, for example:
-- --   UPDATE ` + "`notes` SET `title` = '' WHERE `title` = 'untitled'" + `;
-- -- If the file cannot be undone, append "irreversible: REASON" to the marker line instead.
`

// GenerateEmpty writes a migration without statements, for SQL that schema.hcl cannot
// express. It writes a file for each dialect, or only for dialectName, with instructions.
// After you edit the files, call [Rehash]. GenerateEmpty neither reads schema.hcl nor writes
// a snapshot.
//
// It returns an error if the message or a folder is invalid, as [Generate] does, or if the
// dialect is unknown.
func GenerateEmpty(ctx context.Context, root, message, dialectName string, when time.Time) (Result, error) {
	slug, err := slugify(message)
	if err != nil {
		return Result{}, err
	}
	chosen := dialectsIn(root)
	if dialectName != "" {
		d, err := DialectByName(dialectName)
		if err != nil {
			return Result{}, err
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
			if folders[d.Name] == nil { // named by the caller, in a project of the other dialect
				folders[d.Name] = &migrate.MemDir{}
			}
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
