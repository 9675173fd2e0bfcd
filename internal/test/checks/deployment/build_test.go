package deployment

import (
	"archive/zip"
	"bytes"
	"debug/buildinfo"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBuild: the same sources produce identical zip files, in any folder and at any time. sam build and make build
// build every function in two folders: the programs are equal, and the zip files of make build contain nothing else
// that depends on the folder, the time, or the time zone.
func TestBuild(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"make", "zip"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Logf("!! NO %s on PATH: the test of make build is skipped", program)
			return
		}
	}
	folder := filepath.Join(t.TempDir(), "a longer path", "and another")
	copySources(t, folder)
	command := exec.CommandContext(t.Context(), "make", "build")
	command.Dir = folder
	command.Env = append(os.Environ(), "TZ=Asia/Tokyo", "GOPROXY=off", "MAKEFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("make build: %v\n%s", err, output)
	}
	built := samBuild(t)
	for name, function := range map[string]string{
		"api": "ApiFunction", "migrate": "MigrateFunction", "grant": "GrantFunction",
	} {
		program := filepath.Join(built, function, "bootstrap")
		first, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(program); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s: not a program: %v", function, err)
		}
		second := unzip(t, filepath.Join(folder, "build", name+".zip"))
		if len(first) < 1<<20 || !bytes.Equal(first, second) {
			t.Errorf("%s: the two builds differ (%d and %d bytes)", name, len(first), len(second))
		}
		if name == "api" {
			checkModules(t, first)
		}
	}
	const limit = 9_000_000
	info, err := os.Stat(filepath.Join(folder, "build/api.zip"))
	if err != nil || info.Size() > limit {
		t.Fatalf("api.zip has more than %d bytes, or %v", limit, err)
	}
	t.Logf("api.zip has %d bytes", info.Size())
}

// samBuild builds every function with sam build, which copies the project to another folder, and returns the folder
// with the results. Without SAM, it runs the same targets of the Makefile in the project's folder.
func samBuild(t *testing.T) (built string) {
	t.Helper()
	built = filepath.Join(t.TempDir(), "build")
	if folder := os.Getenv("TEST_AWS_TOOLS"); folder != "" {
		sam(t, folder, "build", "--parallel", "--build-dir", built, "--cache-dir", filepath.Join(t.TempDir(), "cache"))
		return built
	}
	t.Log("!! NO AWS TOOLS in this run: sam has built nothing. Set TEST_AWS_TOOLS=$(bash local/aws.sh)")
	for _, function := range []string{"ApiFunction", "MigrateFunction", "GrantFunction"} {
		target := "ARTIFACTS_DIR=" + filepath.Join(built, function)
		if _, err := run(t, "make", "build-"+function, target); err != nil {
			t.Fatal(err)
		}
	}
	return built
}

// copySources copies the input files of make build.
func copySources(t *testing.T, folder string) {
	t.Helper()
	for _, name := range []string{"go.mod", "go.sum", "Makefile", "functions", "internal", "migrations"} {
		err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			target := filepath.Join(folder, path)
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return err
			}
			return os.WriteFile(target, content, 0o644)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// unzip returns the program in a zip file. It checks that the bytes of the file depend on the program only: there is
// one entry, its time and mode are constant, and there are no extra fields, such as a user or a time of access.
func unzip(t *testing.T, path string) []byte {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	if len(archive.File) != 1 {
		t.Fatalf("%s has %d entries", path, len(archive.File))
	}
	entry := archive.File[0]
	if entry.Name != "bootstrap" || entry.Mode() != 0o755 || len(entry.Extra) > 0 || entry.Comment+archive.Comment != "" ||
		!entry.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%s: the entry is %+v", path, entry.FileHeader)
	}
	reader, err := entry.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// checkModules checks that the program of the API contains the MySQL driver, and not the one of SQLite.
func checkModules(t *testing.T, program []byte) {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	var mysql bool
	for _, module := range info.Deps {
		mysql = mysql || module.Path == "github.com/go-sql-driver/mysql"
		if strings.Contains(module.Path, "sqlite") {
			t.Errorf("%s is in the binary", module.Path)
		}
	}
	if !mysql { // then this check does not work
		t.Errorf("no MySQL driver among the modules of the binary: %v", info.Deps)
	}
}
