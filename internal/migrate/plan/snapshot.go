package plan

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// snapshots is the folder with the snapshots, under the project's root.
const snapshots = "migrations/snapshots"

// Snapshot is a byte copy of schema.hcl at a version of the migrations:
// migrations/snapshots/VERSION.hcl. A version whose files change no table has no snapshot;
// the snapshot of the version before it applies.
type Snapshot struct {
	// Version is the version of the migration; "" for the empty schema before the first one.
	Version string
	// Text is empty, and not nil, for the empty schema.
	Text []byte
}

// Path returns the path of the snapshot's file, relative to the project's root, with slashes.
// For the empty schema it returns the folder. For a text without a version it returns
// schema.hcl.
func (s Snapshot) Path() string {
	switch {
	case s.Version == "" && len(s.Text) > 0:
		return SchemaFile
	case s.Version == "":
		return snapshots
	}
	return snapshots + "/" + s.Version + ".hcl"
}

// LastSnapshot returns the last snapshot in the folder migrations: the tables that the
// migrations produce.
//
// It returns an error if the snapshot has no migration of its version, if the project has the
// format of an older slipway (migrations/schema.hcl), or if a file cannot be read.
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

// snapshotVersions returns the versions with a snapshot in the folder migrations, sorted.
func snapshotVersions(migrations fs.FS) (versions []string, err error) {
	names, err := fs.Glob(migrations, "snapshots/*.hcl")
	for _, name := range names {
		versions = append(versions, strings.TrimSuffix(path.Base(name), ".hcl"))
	}
	return versions, err
}
