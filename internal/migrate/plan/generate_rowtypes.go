package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"slipway/internal/migrate/atomicfiles"
	"slipway/internal/migrate/rowtypes"
	declared "slipway/internal/migrate/schema"
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

// refuseReserved returns an error for a new table that the API cannot serve. A table of a
// database that was adopted stays.
func refuseReserved(recorded Snapshot, wanted []byte) error {
	before, err := declared.MySQL(recorded.Path(), recorded.Text)
	if err != nil {
		return err
	}
	after, err := declared.MySQL(SchemaFile, wanted)
	if err != nil {
		return err
	}
	for _, t := range after.Tables {
		if _, old := before.Table(t.Name); rowtypes.Reserved(t.Name) && !old {
			err := fmt.Errorf("table %q cannot be served: the API uses the path /%s; choose another name", t.Name, t.Name)
			return declared.At(SchemaFile, wanted, err)
		}
	}
	return nil
}
