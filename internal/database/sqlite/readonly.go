package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"

	"slipway/internal/database"
)

// reader creates connections that change neither the file nor its folder. SQLite does not guarantee that: a connection
// with mode=ro to a file in WAL mode creates FILE-wal and FILE-shm and leaves them; a connection that may write moves
// the log of a killed process to the file and deletes it; and both roll back a hot journal. So there are three cases:
//
//   - mode=ro, if FILE-wal and FILE-shm exist, or if the file is not in WAL mode. SQLite may then write FILE-shm, an
//     index that every first connection creates again.
//   - read and write with query_only, if the file is in WAL mode and has no log. At its end, the connection deletes the
//     two files that it created.
//   - a copy, if SQLite cannot read without writing: for a hot journal, a log without its index, or a file or folder
//     that this user may not write to.
//
// immutable=1 is not used: it ignores the log, and reads wrong rows during a write.
//
// https://www.sqlite.org/wal.html#read_only_databases
// https://www.sqlite.org/lockingv3.html#hot_journals
type reader struct {
	path   string
	copies []string // folders that Close deletes
}

// Connect connects to an empty database if the file is missing. If another program has locked the file, it returns
// [database.ErrHeld] after busyTimeout.
func (r *reader) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.connect(ctx)
	if isBusy(err) {
		return nil, fmt.Errorf("%s: %w (waited %v): try again when it has finished", r.path, database.ErrHeld, busyTimeout)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.path, err)
	}
	return conn, nil
}

// errChanging says that the files changed during a copy. It is temporary: other programs open and close the file.
var errChanging = errors.New("another program writes to the file: try again")

// connect tries again while another program opens or closes the file: then the file has a log without its index for a
// moment.
func (r *reader) connect(ctx context.Context) (driver.Conn, error) {
	began := time.Now()
	conn, err := r.connectOnce(ctx)
	for errors.Is(err, errChanging) && time.Since(began) < busyTimeout && ctx.Err() == nil {
		time.Sleep(switchPause)
		conn, err = r.connectOnce(ctx)
	}
	return conn, err
}

func (r *reader) connectOnce(ctx context.Context) (driver.Conn, error) {
	// The log is in the folder of the real file, not of the link.
	real, err := filepath.EvalSymlinks(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return open(ctx, ":memory:")
	}
	if err != nil {
		return nil, err
	}
	r.path = real
	params, ok := r.params()
	if ok {
		conn, err := open(ctx, r.path, params...)
		if info, statErr := os.Stat(r.path); !needsToWrite(err) || statErr != nil || info.IsDir() {
			return conn, err
		}
	}
	path, err := r.copy()
	if err != nil {
		return nil, err
	}
	return open(ctx, path, "_pragma=query_only(1)")
}

// params returns the parameters for a connection that changes nothing, or false if a copy is necessary.
func (r *reader) params() (params []string, ok bool) {
	wal, shm := exists(r.path+"-wal"), exists(r.path+"-shm")
	switch {
	case !inWALMode(r.path), wal && shm:
		return []string{"mode=ro"}, true
	case wal || shm || !writable(r.path):
		return nil, false
	}
	return []string{"mode=rw", "_pragma=query_only(1)"}, true
}

// open connects and reads the schema, to check that the file is readable.
func open(ctx context.Context, path string, params ...string) (driver.Conn, error) {
	c, err := newConnector(path, busyTimeout, params...)
	if err != nil {
		return nil, err
	}
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "SELECT 1 FROM sqlite_master", nil)
	if err == nil {
		err = rows.Next(make([]driver.Value, 1))
		if errors.Is(err, io.EOF) {
			err = nil
		}
		err = errors.Join(err, rows.Close())
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// needsToWrite reports whether SQLite cannot read a file without writing (READONLY, CANTOPEN).
func needsToWrite(err error) bool {
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code()&0xff == 8 || lite.Code()&0xff == 14)
}

// inWALMode reports whether the header of a file says WAL mode. It returns false if the file is not a database.
//
// https://www.sqlite.org/fileformat.html#file_format_version_numbers
func inWALMode(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var versions [2]byte
	_, err = f.ReadAt(versions[:], 18)
	return err == nil && versions == [2]byte{2, 2}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// writable reports whether this user may write to a file.
func writable(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	return err == nil && f.Close() == nil
}

// copy copies the file, its log, and its journal to a temporary folder, and returns the path of the copy. It returns
// errChanging if the files change during the copy.
func (r *reader) copy() (path string, err error) {
	dir, err := os.MkdirTemp("", "slipway-read-")
	if err != nil {
		return "", err
	}
	r.copies = append(r.copies, dir)
	path = filepath.Join(dir, "app.db")
	before := r.state()
	for _, suffix := range []string{"", "-wal", "-journal"} {
		if err := copyFile(path+suffix, r.path+suffix); err != nil && (suffix == "" || !errors.Is(err, fs.ErrNotExist)) {
			return "", err
		}
	}
	if r.state() != before {
		return "", errChanging
	}
	return path, nil
}

// state returns the sizes and times of the files, to detect a change.
func (r *reader) state() (all string) {
	for _, suffix := range []string{"", "-wal", "-journal"} {
		if info, err := os.Stat(r.path + suffix); err == nil {
			all += fmt.Sprintf("%s %d %v\n", suffix, info.Size(), info.ModTime())
		}
	}
	return all
}

func copyFile(to, from string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	_, err = io.Copy(target, source)
	return err
}

// Driver implements [driver.Connector].
func (r *reader) Driver() driver.Driver { return &sqlite.Driver{} }

// Close deletes the copies. [sql.DB.Close] calls it after the connections are closed.
func (r *reader) Close() (err error) {
	for _, dir := range r.copies {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}
