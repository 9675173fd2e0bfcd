package rowtypes

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

const (
	// File is the name of the generated file in its package.
	File = "tables.go"
	// Folder is the folder of package app, relative to the root of the project, with slashes.
	Folder = "internal/app"
)

// WriteFile writes the text to a file atomically. It does nothing if the file already has
// this text. It returns the errors of the file system.
func (s Source) WriteFile(path string) (err error) {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, s.Text) {
		return nil
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".tables-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	_, err = temporary.Write(s.Text)
	if err = errors.Join(err, temporary.Chmod(0o644), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
