package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// TestReview runs the check of a pull request for different changes.
func TestReview(t *testing.T) {
	t.Parallel()
	drop := func(t *testing.T, dir string) {
		edit(t, filepath.Join(dir, "schema.hcl"), func(s string) string {
			a, b := strings.Index(s, bioColumn), strings.Index(s, "  column \"is_active\" {")
			return s[:a] + s[b:]
		})
		succeeds(t, dir, nil, "db", "migrate", "-m", "drop bio")
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string)
		base   string
		want   string // in what it prints
		ok     bool
	}{
		{"nothing", func(*testing.T, string) {}, "HEAD", "no differences", true},
		{"a first push", func(*testing.T, string) {}, strings.Repeat("0", 40), "an empty database", true},
		{"an unknown branch", func(*testing.T, string) {}, "origin/main", "is not a commit with migrations", false},
		{"a dangerous file", drop, "HEAD", "::error file=migrations/mysql/", false},
		{"an edit of a published file", func(t *testing.T, dir string) {
			files, err := filepath.Glob(filepath.Join(dir, "migrations/*", blog.Version+"_*.sql"))
			if err != nil || len(files) != 2 {
				t.Fatal(files, err)
			}
			for _, path := range files {
				edit(t, path, func(s string) string { return "-- edited\n\n" + s })
			}
			succeeds(t, dir, []string{"DATABASE_URL=sqlite://" + filepath.Join(t.TempDir(), "x.db")}, "db", "repair")
		}, "HEAD", "SW608", false},
		{"schema.hcl without a file", func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "schema.hcl"), nickname)
		}, "HEAD", "error: ", false},
		{"a file that comes late", func(t *testing.T, dir string) {
			for _, dialect := range []string{"mysql", "sqlite"} {
				saveFile(t, dir, "migrations/"+dialect+"/20260101000000_late.sql",
					"CREATE TABLE late (id int);\n\n-- slipway:down\n-- DROP TABLE late;\n")
			}
			succeeds(t, dir, []string{"DATABASE_URL=sqlite://" + filepath.Join(t.TempDir(), "x.db")}, "db", "repair")
		}, "HEAD", "run `db rebase`", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := projectFolder(t)
			if err := os.Mkdir(filepath.Join(dir, "local"), 0o755); err != nil {
				t.Fatal(err)
			}
			copyTo(t, "review.sh", filepath.Join(dir, "local", "review.sh"))
			mustGit(t, dir, "init", "-q", "-b", "main")
			mustGit(t, dir, "add", "-A")
			mustGit(t, dir, "commit", "-q", "-m", "base")
			test.change(t, dir)
			for _, url := range []string{"", dbtest.MySQL(t)} {
				if out, ok := review(t, dir, test.base, url); ok != test.ok || !strings.Contains(out, test.want) {
					t.Errorf("ended well: %v, want %v and %q\n%s", ok, test.ok, test.want, out)
				}
			}
		})
	}
}

// TestReviewTakesNoLiveDatabase: the script returns an error for a database that is not empty, and does not change it.
func TestReviewTakesNoLiveDatabase(t *testing.T) {
	t.Parallel()
	dir, live := projectFolder(t), dbtest.MySQL(t)
	if err := os.Mkdir(filepath.Join(dir, "local"), 0o755); err != nil {
		t.Fatal(err)
	}
	copyTo(t, "review.sh", filepath.Join(dir, "local", "review.sh"))
	succeeds(t, dir, nil, "db", "upgrade", "--url", live)
	if out, ok := review(t, dir, strings.Repeat("0", 40), live); ok || !strings.Contains(out, "is not empty") {
		t.Errorf("ended well: %v\n%s", ok, out)
	}
	if version := succeeds(t, dir, nil, "db", "current", "--url", live); version != blog.Version+"\n" {
		t.Errorf("it was migrated to %s", version)
	}
}

// review runs review.sh of a project with the binary of these tests.
func review(t *testing.T, dir, base, mysql string) (out string, ok bool) {
	t.Helper()
	bin := t.TempDir()
	fakeGo(t, bin)
	cmd := exec.CommandContext(t.Context(), "bash", filepath.Join(dir, "local", "review.sh"), base, mysql)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TMPDIR="+t.TempDir(), "GITHUB_ACTIONS=true",
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}
