package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
)

// gitIn runs git in a folder with a test user. It returns the output, and whether git
// succeeded.
func gitIn(t *testing.T, dir string, args ...string) (string, bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_CEILING_DIRECTORIES="+filepath.Dir(dir),
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

func mustGit(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, ok := gitIn(t, dir, args...)
	if !ok {
		t.Fatalf("git %s: %s", strings.Join(args, " "), out)
	}
	return out
}

const bioColumn = "  column \"bio\" {"

func newColumn(name string) string {
	return "  column \"" + name + "\" {\n    type = varchar(80)\n    null = true\n  }\n"
}

// twoBranches returns a repository on the branch feature, which added the column users.ours.
// The branch main added a column before theirsBefore, or next to ours if that is "". The first
// commit contains the changes of prepare.
func twoBranches(t *testing.T, env []string, theirsBefore string, prepare ...func(dir string)) (dir string) {
	t.Helper()
	dir = projectFolder(t)
	for _, do := range prepare {
		do(dir)
	}
	commit := func(message string) {
		mustGit(t, dir, "add", "-A")
		mustGit(t, dir, "commit", "-q", "-m", message)
	}
	mustGit(t, dir, "init", "-q", "-b", "main")
	commit("base")
	mustGit(t, dir, "checkout", "-q", "-b", "feature")
	editFile(t, dir, "schema.hcl", bioColumn, newColumn("ours")+bioColumn)
	succeeds(t, dir, env, "db", "migrate", "-m", "add ours")
	commit("ours")
	mustGit(t, dir, "checkout", "-q", "main")
	editFile(t, dir, "schema.hcl", theirsBefore, newColumn("theirs")+theirsBefore)
	succeeds(t, dir, env, "db", "migrate", "-m", "add theirs")
	commit("theirs")
	mustGit(t, dir, "checkout", "-q", "feature")
	return dir
}

// TestDBRebase merges two branches that each added a migration. The database has already
// applied the migration of this branch.
func TestDBRebase(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		env := []string{"DATABASE_URL=" + dbtest.New(t, dialect)}
		dir := twoBranches(t, env, "  column \"body\" {")
		succeeds(t, dir, env, "db", "upgrade")

		fails(t, dir, env, "which is missing here: git merge main first", "db", "rebase")
		if out, ok := gitIn(t, dir, "merge", "-q", "main"); ok || !strings.Contains(out, "atlas.sum") {
			t.Fatalf("the merge has no conflict in atlas.sum: %s", out)
		}
		fails(t, dir, env, "checksum", "db", "status")
		before := mustGit(t, dir, "status", "--porcelain")
		mentions(t, succeeds(t, dir, env, "db", "rebase", "--dry-run"), "would rename migrations/mysql/",
			"would write migrations/sqlite/atlas.sum")
		if after := mustGit(t, dir, "status", "--porcelain"); after != before {
			t.Errorf("a dry run changed something:\n%s\n%s", before, after)
		}
		out := succeeds(t, dir, env, "db", "rebase")
		mentions(t, out, "renamed migrations/mysql/", "renamed migrations/sqlite/", "_add_ours.sql",
			"wrote migrations/mysql/atlas.sum",
			"wrote migrations/snapshots/",
			"add_ours is now recorded as", "run db downgrade -n 1, then db upgrade")
		if strings.Contains(out, "@") {
			t.Errorf("a user name is in\n%s", out)
		}
		mustGit(t, dir, "add", "-A")
		mustGit(t, dir, "commit", "-q", "-m", "merge")
		mentions(t, succeeds(t, dir, env, "db", "rebase"), "nothing to rebase: all migrations come after those of main")
		mentions(t, succeeds(t, dir, env, "db", "migrate", "-m", "x"), "nothing changed")

		if dialect == "mysql" {
			succeeds(t, dir, env, "db", "downgrade", "--allow-data-loss")
		} else {
			env = []string{"DATABASE_URL=" + dbtest.New(t, dialect)}
		}
		succeeds(t, dir, env, "db", "upgrade")
		list := succeeds(t, dir, env, "db", "history")
		if ours, theirs := strings.Index(list, "add_ours"), strings.Index(list, "add_theirs"); theirs < 0 || ours < theirs {
			t.Errorf("the order is\n%s", list)
		}
	})
}

// TestDBRebaseConflict rebases branches that changed the same lines of schema.hcl. The developer
// must resolve this conflict first.
func TestDBRebaseConflict(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + dbtest.SQLite(t)}
	dir := twoBranches(t, env, bioColumn)
	if out, ok := gitIn(t, dir, "merge", "-q", "main"); ok {
		t.Fatalf("the merge has no conflict: %s", out)
	}
	fails(t, dir, env, "schema.hcl contains a merge conflict: resolve it first", "db", "rebase")
	mustGit(t, dir, "checkout", "-q", "--ours", "schema.hcl")
	fails(t, dir, env, "users.theirs", "db", "rebase")
	editFile(t, dir, "schema.hcl", bioColumn, newColumn("theirs")+bioColumn)
	mentions(t, succeeds(t, dir, env, "db", "rebase"), "wrote migrations/snapshots/", "wrote the down statements of ",
		"/atlas.sum")
	succeeds(t, dir, env, "db", "upgrade")
	succeeds(t, dir, env, "db", "downgrade", "-n", "2")
	succeeds(t, dir, env, "db", "upgrade")
	mentions(t, succeeds(t, dir, env, "db", "migrate", "-m", "x"), "nothing changed")
}

// TestDBRebaseSameVersion rebases branches that both added the same version, so that git has a
// conflict in the snapshot, too.
func TestDBRebaseSameVersion(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=" + dbtest.SQLite(t)}
	dir := twoBranches(t, env, "  column \"body\" {", func(dir string) {
		// A version is always later than the last one, so both branches add the same version.
		saveFile(t, dir, "migrations/mysql/20990101000000_later.sql", "SELECT 1;\n")
		succeeds(t, dir, env, "db", "hash")
	})
	out, _ := gitIn(t, dir, "merge", "main")
	mentions(t, out, "Merge conflict in migrations/snapshots/20990101000001.hcl")
	out = succeeds(t, dir, env, "db", "rebase")
	mentions(t, out, "wrote migrations/snapshots/20990101000001.hcl", "wrote migrations/snapshots/20990101000002.hcl")
	if got, want := loadFile(t, dir, "migrations/snapshots/20990101000001.hcl"), mustGit(t, dir, "show",
		"main:schema.hcl"); got != want {
		t.Errorf("the snapshot of main is\n%s", got)
	}
	if got := loadFile(t, dir, "migrations/snapshots/20990101000002.hcl"); got != loadFile(t, dir, "schema.hcl") {
		t.Errorf("the last snapshot is\n%s", got)
	}
	mentions(t, succeeds(t, dir, env, "db", "rebase"), "nothing to rebase")
	mentions(t, succeeds(t, dir, env, "db", "migrate", "-m", "x"), "nothing changed")
	succeeds(t, dir, env, "db", "upgrade")
	succeeds(t, dir, env, "db", "check")
}

func TestDBRebaseErrors(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=mysql://someone:secret@db.example.com/app", "GIT_CEILING_DIRECTORIES=" + os.TempDir()}
	fails(t, t.TempDir(), env, "schema.hcl is missing", "db", "rebase")
	dir := projectFolder(t)
	fails(t, dir, env, "git rev-parse", "db", "rebase")
	mustGit(t, dir, "init", "-q", "-b", "trunk")
	fails(t, dir, env, "there is no branch origin/HEAD, origin/main", "db", "rebase")
	mustGit(t, dir, "add", "-A")
	mustGit(t, dir, "commit", "-q", "-m", "base")
	fails(t, dir, env, `unknown Git branch or commit "main"`, "db", "rebase", "--base", "main")
	fails(t, dir, env, `unknown Git branch or commit "--all"`, "db", "rebase", "--base=--all")

	// The command skips a database on another machine, and prints no password.
	out := succeeds(t, dir, env, "db", "rebase", "--base", "trunk")
	mentions(t, out, "nothing to rebase", "skipped mysql://db.example.com/app")
	if strings.Contains(out, "secret") {
		t.Errorf("the password is in\n%s", out)
	}

	files, err := filepath.Glob(filepath.Join(dir, "migrations/mysql/*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	saveFile(t, "", files[0], "SELECT 1;\n")
	fails(t, dir, env, "is not as it is in trunk: take that one back with git checkout trunk -- migrations/mysql/", "db",
		"rebase", "--base", "trunk")
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	fails(t, dir, env, "which is missing here", "db", "rebase", "--base", "trunk")
}
