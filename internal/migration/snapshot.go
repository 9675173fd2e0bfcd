package migration

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// snapshots is the folder with the snapshots, under the project's root.
const snapshots = "migrations/snapshots"

// Snapshot is a byte copy of schema.hcl as of a version of the migrations:
// migrations/snapshots/VERSION.hcl. A version whose files changed no table has none:
// that of the last version before it holds.
type Snapshot struct {
	// Version is that of the files that were written with it; "" for the empty schema
	// before the first migration.
	Version string
	// Text is empty, and not nil, for the empty schema.
	Text []byte
}

// path is the snapshot's file, relative to the project's root, with slashes; for the
// empty schema, which has none, it is the folder.
func (s Snapshot) path() string {
	if s.Version == "" {
		return snapshots
	}
	return snapshots + "/" + s.Version + ".hcl"
}

// LastSnapshot returns the snapshot of the last version of the project in the folder
// root: the tables that its migrations add up to.
//
// The error says that the snapshot has no migration file of its version, that the
// project has the one copy of schema.hcl that older projects have, or that a file
// cannot be read.
func LastSnapshot(root string) (Snapshot, error) {
	project := os.DirFS(root)
	versions, err := snapshotVersions(project)
	if err != nil {
		return Snapshot{}, err
	}
	if len(versions) == 0 {
		const old = "migrations/" + schemaFile
		if _, err := fs.Stat(project, old); err == nil {
			return Snapshot{}, fmt.Errorf("%s is not read any more: move it to %s/VERSION.hcl, "+
				"with the version of the last migration", old, snapshots)
		}
		return Snapshot{Text: []byte{}}, nil
	}
	last := Snapshot{Version: versions[len(versions)-1]}
	files, err := fs.Glob(project, "migrations/*/"+last.Version+"*.sql")
	if err != nil || len(files) == 0 {
		return Snapshot{}, fmt.Errorf("%s has no migration of its version: "+
			"restore the migration, or delete the snapshot", last.path())
	}
	last.Text, err = fs.ReadFile(project, last.path())
	return last, err
}

// snapshotVersions lists the versions that have a snapshot, the last one last.
func snapshotVersions(project fs.FS) (versions []string, err error) {
	names, err := fs.Glob(project, snapshots+"/*.hcl")
	for _, name := range names {
		versions = append(versions, strings.TrimSuffix(path.Base(name), ".hcl"))
	}
	return versions, err
}
