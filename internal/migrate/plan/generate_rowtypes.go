package plan

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"slipway/internal/migrate/atomicfiles"
	"slipway/internal/migrate/rowtypes"
)

// RowTypes describes the row types that [Generate] wrote.
type RowTypes struct {
	// Path is the generated file, relative to the project's root, with slashes; "" if the
	// project has no folder for it.
	Path string `json:"path"`
	// Written is true if the file was missing or out of date.
	Written bool `json:"written"`
	// Notes lists what the API does not serve and why, and the chosen names.
	Notes []string `json:"notes"`
}

// addRowTypes writes the row types for the text of schema.hcl, if the project has a folder
// for them and they are missing or out of date. It returns the errors of [rowtypes.Generate]
// even for a project without the folder.
func addRowTypes(out *atomicfiles.Files, schema []byte) (RowTypes, error) {
	source, err := rowtypes.Generate("app", SchemaFile, schema)
	if err != nil {
		return RowTypes{}, err
	}
	if info, err := os.Stat(filepath.Join(out.Root, rowtypes.Folder)); err != nil || !info.IsDir() {
		return RowTypes{}, nil
	}
	made := RowTypes{Path: rowtypes.Folder + "/" + rowtypes.File, Notes: source.Notes}
	old, err := os.ReadFile(filepath.Join(out.Root, made.Path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return RowTypes{}, err
	}
	if err == nil && bytes.Equal(old, source.Text) {
		return made, nil
	}
	made.Written = true
	return made, out.Write(made.Path, source.Text)
}
