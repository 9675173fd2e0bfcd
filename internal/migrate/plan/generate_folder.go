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

// addFile puts one more file of a dialect's folder, and the folder's new
// checksums. It returns the file's path under the root.
func addFile(out *atomicfiles.Files, d Dialect, dir *migrate.MemDir, name, text string) (string, error) {
	if err := dir.WriteFile(name, []byte(text)); err != nil {
		return "", err
	}
	// In this order: until the checksums follow, the new file is seen and refused
	// by readers of the folder, never half a migration.
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

// versionLayout is a time in UTC, as Atlas writes versions.
const versionLayout = "20060102150405"

// nextVersion is now, or the next second that is later than every version there
// is in any folder. It is the same for all dialects, so that files that belong
// together show it.
func nextVersion(now time.Time, folders map[string]*migrate.MemDir) (string, error) {
	version := now.UTC().Format(versionLayout)
	for _, d := range Dialects {
		dir := folders[d.Name]
		if dir == nil {
			continue
		}
		files, err := dir.Files()
		if err != nil {
			return "", err
		}
		for _, f := range files {
			if f.Version() < version {
				continue
			}
			if version, err = after(f.Version()); err != nil {
				return "", fmt.Errorf("%s/%s: its version is too large: a version is a time, such as %s",
					d.folder(), f.Name(), now.UTC().Format(versionLayout))
			}
		}
	}
	return version, nil
}

// after is the version of the next second.
func after(version string) (string, error) {
	t, err := time.Parse(versionLayout, version)
	return t.Add(time.Second).Format(versionLayout), err
}
