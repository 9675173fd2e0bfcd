package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// stage holds the files of one authoring until all of them are complete.
type stage struct{ root string }

// While files are written they are in "staging"; once complete the folder is
// renamed to "staged", and what is in it counts as done.
func (s stage) staging() string { return filepath.Join(s.root, "migrations", ".staging") }
func (s stage) staged() string  { return filepath.Join(s.root, "migrations", ".staged") }

// order lists the staged files, in the order they are put in place.
const order = "order"

// removal stands before the path of a file that is to go.
const removal = "-"

// write stages one file, given its path under the root with slashes.
func (s stage) write(path string, text []byte) error {
	if err := s.list(path); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.staging(), strings.ReplaceAll(path, "/", "%")), text, 0o644)
}

// remove stages that a file goes.
func (s stage) remove(path string) error { return s.list(removal + path) }

func (s stage) list(entry string) error {
	if err := os.MkdirAll(s.staging(), 0o755); err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(s.staging(), order), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(list, entry)
	return errors.Join(err, list.Close())
}

// discard forgets what was staged and not committed.
func (s stage) discard() error { return os.RemoveAll(s.staging()) }

// commit makes the staged files count and puts them in place. There may be none.
func (s stage) commit() error {
	if _, err := os.Stat(s.staging()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.Rename(s.staging(), s.staged()); err != nil {
		return errors.Join(err, s.discard())
	}
	return s.finish()
}

// finish puts in place what an earlier run staged. It may be cut off at any
// point and called again.
func (s stage) finish() error {
	if err := s.discard(); err != nil {
		return err
	}
	list, err := os.ReadFile(filepath.Join(s.staged(), order))
	if errors.Is(err, fs.ErrNotExist) {
		return os.RemoveAll(s.staged())
	}
	if err != nil {
		return err
	}
	for path := range bytes.Lines(list) {
		target := strings.TrimSpace(string(path))
		if gone, ok := strings.CutPrefix(target, removal); ok {
			if err := os.Remove(filepath.Join(s.root, filepath.FromSlash(gone))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			continue
		}
		source := filepath.Join(s.staged(), strings.ReplaceAll(target, "/", "%"))
		target = filepath.Join(s.root, filepath.FromSlash(target))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		// Already moved, when an earlier run was cut off here.
		if err := os.Rename(source, target); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return os.RemoveAll(s.staged())
}
