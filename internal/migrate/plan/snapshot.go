package plan

import (
	"fmt"
	"io/fs"
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

// Path is the snapshot's file, relative to the project's root, with slashes; the empty
// schema has none, and Path returns the folder. A text without a version is schema.hcl.
func (s Snapshot) Path() string {
	switch {
	case s.Version == "" && len(s.Text) > 0:
		return SchemaFile
	case s.Version == "":
		return snapshots
	}
	return snapshots + "/" + s.Version + ".hcl"
}

// LastSnapshot returns the snapshot of the last version in the folder migrations: the
// tables that its files add up to.
//
// The error says that the snapshot has no migration file of its version, that the
// project has the one copy of schema.hcl that older projects have, or that a file
// cannot be read.
func LastSnapshot(migrations fs.FS) (Snapshot, error) {
	versions, err := snapshotVersions(migrations)
	if err != nil {
		return Snapshot{}, err
	}
	if len(versions) == 0 {
		if _, err := fs.Stat(migrations, SchemaFile); err == nil {
			return Snapshot{}, fmt.Errorf("migrations/%s is no longer read: move it to %s/VERSION.hcl, "+
				"with the version of the last migration", SchemaFile, snapshots)
		}
		return Snapshot{Text: []byte{}}, nil
	}
	last := Snapshot{Version: versions[len(versions)-1]}
	files, err := fs.Glob(migrations, "*/"+last.Version+"*.sql")
	if err != nil || len(files) == 0 {
		return Snapshot{}, fmt.Errorf("%s has no migration of the same version: restore the migration, or delete the "+
			"snapshot", last.Path())
	}
	return readSnapshot(migrations, last.Version)
}

// readSnapshot reads the snapshot of a version from the folder migrations.
func readSnapshot(migrations fs.FS, version string) (Snapshot, error) {
	text, err := fs.ReadFile(migrations, "snapshots/"+version+".hcl")
	return Snapshot{version, text}, err
}

// snapshotVersions lists the versions that have a snapshot in the folder migrations,
// the last one last.
func snapshotVersions(migrations fs.FS) (versions []string, err error) {
	names, err := fs.Glob(migrations, "snapshots/*.hcl")
	for _, name := range names {
		versions = append(versions, strings.TrimSuffix(path.Base(name), ".hcl"))
	}
	return versions, err
}
