package adopt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/rowtypes"
)

// State is what a folder has before a database is adopted.
type State int

const (
	// Empty: the folder has no tables and no migrations.
	Empty State = iota
	// Example: the folder has the tables that slipway ships, and no others.
	Example
	// Own: the folder has tables or migrations of its own.
	Own
)

// shipped has the checksums of the files of the example tables: the migrations as a whole,
// and what is written by hand for these tables.
var shipped = map[string]string{
	"migrations/mysql/atlas.sum":  "4867e2163a9ac9c1181c9cfe6cc4ddd9f459546dd77243a895abd0704e849c17",
	"migrations/sqlite/atlas.sum": "c46a4936f82ed29ffbc6cc38df026c1c14f2ded416d0551e3266ebb6a08279e1",
	"seed.json":                   "d4f8e7ec67fa05e547fa21684f9fc55eca83a9468aa10c0e6835f1a5dab5f568",
	rowtypes.Folder + "/rules.go": "dd7321f07111fd2947e3073029271fe1f018215b1874614245ff4c1d92361394",
	// The test of the relation between the example tables.
	rowtypes.Folder + "/post_test.go": "5d81d41fcd6b355e7cdea9cb3ee9f6c254ecd5c23870633f4af7b2aaf4a3c762",
}

// Examine returns the state of the folder root, and the files that a new project does not
// keep: migrations, snapshots, and what is written by hand for the example tables, if it is
// unchanged.
func Examine(root string) (state State, remove []string, err error) {
	folder := os.DirFS(root)
	for _, pattern := range []string{"migrations/*/*.sql", "migrations/*/atlas.sum", "migrations/snapshots/*.hcl"} {
		found, err := fs.Glob(folder, pattern)
		if err != nil {
			return Own, nil, err
		}
		remove = append(remove, found...)
	}
	example := true
	for _, path := range []string{"migrations/mysql/atlas.sum", "migrations/sqlite/atlas.sum"} {
		same, err := isShipped(folder, path)
		if err != nil {
			return Own, nil, err
		}
		example = example && same
	}
	declared, err := fs.ReadFile(folder, plan.SchemaFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Own, nil, err
	}
	hasSQL := slices.ContainsFunc(remove, func(path string) bool { return strings.HasSuffix(path, ".sql") })
	last, err := plan.LastSnapshot(os.DirFS(filepath.Join(root, "migrations")))
	switch {
	case declared == nil && !hasSQL:
		state = Empty
	case err == nil && example && bytes.Equal(last.Text, declared):
		state = Example
	default:
		state = Own
	}
	for path := range shipped {
		if same, err := isShipped(folder, path); err == nil && same && !strings.HasPrefix(path, "migrations/") {
			remove = append(remove, path)
		}
	}
	slices.Sort(remove)
	return state, remove, nil
}

// isShipped reports whether a file is as slipway ships it. A missing file is not.
func isShipped(folder fs.FS, path string) (bool, error) {
	text, err := fs.ReadFile(folder, path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	sum := sha256.Sum256(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	return hex.EncodeToString(sum[:]) == shipped[path], err
}
