package sqlite

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"modernc.org/sqlite"
)

// TestForeignKeysAsserted: a connection that does not enforce foreign keys is an error.
func TestForeignKeysAsserted(t *testing.T) {
	t.Parallel()
	for pragma, want := range map[string]string{"foreign_keys(1)": "",
		"foreign_keys(0)": "does not enforce foreign keys"} {
		path := filepath.Join(t.TempDir(), "app.db")
		inner, err := sqlite.NewConnector("file:" + path + "?_pragma=" + pragma)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := connector{inner, path, busyTimeout}.Connect(t.Context())
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v", pragma, err)
		}
		if err == nil {
			err = conn.Close()
		}
		if want == "" && err != nil {
			t.Error(err)
		}
	}
}

// TestNewFileByMany: concurrent connections to the same new file all succeed, although the switch to the write-ahead
// log does not wait for a lock.
func TestNewFileByMany(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	c, err := connect(path, busyTimeout, writeAheadLog)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	defer db.Close()
	const many = 16
	errs := make(chan error, many)
	for range many {
		go func() {
			conn, err := db.Conn(t.Context())
			if err == nil {
				defer conn.Close()
				_, err = conn.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS x (y)")
			}
			errs <- err
		}()
	}
	for range many {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// FuzzParse: no URL causes a panic, and the result is a valid path.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"sqlite://x.db", "sqlite:///a%20b?_fk=1", "sqlite://file:x", "sqlite://?", "sqlite://%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, url string) {
		path, err := parse(url)
		if err == nil && (path == "" || strings.ContainsRune(path, 0)) {
			t.Errorf("%q has the path %q", url, path)
		}
	})
}
