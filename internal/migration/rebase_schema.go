package migration

import (
	"bytes"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/migration/ddl"
)

// stageCopy makes sure that the files add up to the copy of schema.hcl, and puts
// schema.hcl itself in its place where they add up to that: a merge leaves
// conflicts in both, and who resolved the one has said what the other is.
func (r *Rebased) stageCopy(stage stage, folders map[string]*migrate.MemDir, wanted []byte) error {
	recorded, _, err := readSchemas(stage.root)
	if err != nil {
		return err
	}
	if !conflicted(recorded) {
		if differs, err := addUp(folders, "migrations/"+schemaFile, recorded); err == nil && differs == "" {
			return nil
		}
	}
	differs, err := addUp(folders, schemaFile, wanted)
	switch {
	case err != nil:
		return fmt.Errorf("whether the files add up to %s cannot be told: %w", schemaFile, err)
	case differs != "":
		return fmt.Errorf("the files of both branches do not add up to %s: %s: take out of %s what no migration does yet, rebase, put it in again, and then db migrate writes the migration for it",
			schemaFile, differs, schemaFile)
	case bytes.Equal(recorded, wanted):
		return nil
	}
	r.Written = append(r.Written, "migrations/"+schemaFile)
	return stage.write("migrations/"+schemaFile, wanted)
}

// addUp says how the schema that all files add up to differs from a text of
// schema.hcl; "" when it does not.
func addUp(folders map[string]*migrate.MemDir, name string, text []byte) (differs string, err error) {
	for _, d := range dialects {
		declared, err := d.parse(name, text)
		if err != nil {
			return "", err
		}
		files, err := d.readFiles(folders[d.name])
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.folder(), err)
		}
		state, err := files.replay(files.last(), -1)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.folder(), err)
		}
		changes, err := ddl.Diff(d.name, state.Schema(), declared)
		if err != nil {
			return "", err
		}
		if drift := describeDrift(changes, "", "the migrations for "+d.name, name); len(drift) > 0 {
			return strings.TrimSpace(drift[0].Object + " " + drift[0].Detail), nil
		}
	}
	return "", nil
}

// conflicted says that a file has lines in it that a merge left there.
func conflicted(text []byte) bool {
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("<<<<<<< ")) || bytes.HasPrefix(line, []byte(">>>>>>> ")) {
			return true
		}
	}
	return false
}
