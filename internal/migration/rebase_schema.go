package migration

import (
	"bytes"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/migration/ddl"
)

// addUp says how the schema that the files up to a version add up to differs from a
// text of schema.hcl; "" when it does not.
func addUp(folders map[string]*migrate.MemDir, version, name string, text []byte) (differs string, err error) {
	for _, d := range dialects {
		declared, err := d.parse(name, text)
		if err != nil {
			return "", err
		}
		files, err := d.readFiles(folders[d.name])
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.folder(), err)
		}
		state, err := files.replay(version, -1)
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
