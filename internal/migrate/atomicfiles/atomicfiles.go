// Package atomicfiles writes and removes several files of a project at once: all of them
// or none, even if the process is killed. It knows nothing of what is in the files, and
// imports no other package of slipway.
package atomicfiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files collects what [Update] is going to write and remove. Paths are relative to Root,
// with slashes.
type Files struct {
	// Root is the project's folder.
	Root string
}

// Update locks the project, finishes what a killed process left, and calls collect.
// When collect returns nil, everything that it collected is put in place; otherwise
// nothing changes, and Update returns its error.
//
// Files are first written to a folder beside the migrations. Renaming that folder is the
// moment from which they count: a later Update puts in place what is still in it. The
// last files to be written are put in place last.
//
// Other errors: the root is missing; another process has held the lock for 30 s; ctx
// ended while Update waited for the lock; the file system.
func Update(ctx context.Context, root string, collect func(*Files) error) (err error) {
	unlock, err := lock(ctx, root)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	f := &Files{Root: root}
	if err := f.finish(); err != nil {
		return err
	}
	if err := collect(f); err != nil {
		return errors.Join(err, f.Discard())
	}
	return f.commit()
}

// While files are collected they are in ".staging". Once they are complete, the folder is
// renamed to ".staged".
func (f *Files) staging() string { return filepath.Join(f.Root, "migrations", ".staging") }
func (f *Files) staged() string  { return filepath.Join(f.Root, "migrations", ".staged") }

const (
	// order is the file that lists the collected files, in the order they are put in place.
	order = "order"
	// removal precedes the path of a file that is removed.
	removal = "-"
)

// Write collects a file with its new text.
func (f *Files) Write(path string, text []byte) error {
	if err := f.list(path); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.staging(), strings.ReplaceAll(path, "/", "%")), text, 0o644)
}

// Remove collects a file that is removed.
func (f *Files) Remove(path string) error { return f.list(removal + path) }

func (f *Files) list(entry string) error {
	if err := os.MkdirAll(f.staging(), 0o755); err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(f.staging(), order), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(list, entry)
	return errors.Join(err, list.Close())
}

// Discard drops what was collected so far.
func (f *Files) Discard() error { return os.RemoveAll(f.staging()) }

// commit puts the collected files in place, if there are any.
func (f *Files) commit() error {
	if _, err := os.Stat(f.staging()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.Rename(f.staging(), f.staged()); err != nil {
		return errors.Join(err, f.Discard())
	}
	return f.finish()
}

// finish puts committed files in place. It can be interrupted at any point and called
// again.
func (f *Files) finish() error {
	if err := f.Discard(); err != nil {
		return err
	}
	list, err := os.ReadFile(filepath.Join(f.staged(), order))
	if errors.Is(err, fs.ErrNotExist) {
		return os.RemoveAll(f.staged())
	}
	if err != nil {
		return err
	}
	for line := range bytes.Lines(list) {
		if err := f.place(strings.TrimSpace(string(line))); err != nil {
			return err
		}
	}
	return os.RemoveAll(f.staged())
}

// place writes or removes one file, unless an earlier run already did.
func (f *Files) place(entry string) error {
	path, remove := strings.CutPrefix(entry, removal)
	target := filepath.Join(f.Root, filepath.FromSlash(path))
	var err error
	if remove {
		err = os.Remove(target)
	} else if err = os.MkdirAll(filepath.Dir(target), 0o755); err == nil {
		err = os.Rename(filepath.Join(f.staged(), strings.ReplaceAll(path, "/", "%")), target)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
