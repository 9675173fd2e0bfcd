package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"slipway/internal/migrate/atomicfiles"

	"ariga.io/atlas/sql/migrate"
)

// readFolders reads the folders of all dialects, by the dialect's name. A missing folder
// is empty.
func readFolders(root string) (map[string]*migrate.MemDir, error) {
	folders := map[string]*migrate.MemDir{}
	for _, d := range Dialects {
		dir, err := OpenDir(os.DirFS(filepath.Join(root, filepath.FromSlash(d.folder()))))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.folder(), err)
		}
		folders[d.Name] = dir
	}
	return folders, nil
}

// addFile adds a file to a dialect's folder, and updates the folder's checksums. It returns
// the file's path relative to the root.
func addFile(out *atomicfiles.Files, d Dialect, dir *migrate.MemDir, name, text string) (string, error) {
	if err := dir.WriteFile(name, []byte(text)); err != nil {
		return "", err
	}
	// Write the file before the checksums: until then, readers of the folder reject it.
	if err := out.Write(d.folder()+"/"+name, []byte(text)); err != nil {
		return "", err
	}
	return d.folder() + "/" + name, addSums(out, d, dir)
}

// addSums writes the checksums of a folder.
func addSums(out *atomicfiles.Files, d Dialect, dir *migrate.MemDir) error {
	sum, err := dir.Checksum()
	if err != nil {
		return err
	}
	text, err := sum.MarshalText()
	if err != nil {
		return err
	}
	return out.Write(d.folder()+"/"+migrate.HashFileName, text)
}

// versionLayout is Atlas's format of a version: a time in UTC.
const versionLayout = "20060102150405"

// nextVersion returns now as a version, or one second after the last version of all folders.
// The files of all dialects have the same version.
func nextVersion(now time.Time, folders map[string]*migrate.MemDir) (string, error) {
	version := now.UTC().Format(versionLayout)
	for _, d := range presentIn(folders) {
		files, err := folders[d.Name].Files()
		if err != nil {
			return "", err
		}
		for _, f := range files {
			if f.Version() < version {
				continue
			}
			if version, err = after(f.Version()); err != nil {
				return "", fmt.Errorf("%s/%s: invalid version: use a time such as %s",
					d.folder(), f.Name(), now.UTC().Format(versionLayout))
			}
		}
	}
	return version, nil
}

// after returns the version of the next second.
func after(version string) (string, error) {
	t, err := time.Parse(versionLayout, version)
	return t.Add(time.Second).Format(versionLayout), err
}
