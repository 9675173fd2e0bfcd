package main

import (
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// TestDBPlanFrom checks that a plan with --from equals the plan of the database, and that db
// upgrade accepts it.
func TestDBPlanFrom(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		dir, env := projectFolder(t), []string{"DATABASE_URL=" + dbtest.New(t, dialect)}
		edit(t, filepath.Join(dir, "schema.hcl"), nickname)
		succeeds(t, dir, env, "db", "migrate", "-m", "add nickname")
		// No server listens at this address, so a connection would fail.
		nowhere := []string{"DATABASE_URL=mysql://root:s3cr3t@127.0.0.1:1/nowhere"}
		plan := func(from string, flags ...string) string {
			t.Helper()
			args := append([]string{"db", "plan", "--json", "--dialect", dialect, "--from", from}, flags...)
			return report(t, succeeds(t, dir, nowhere, args...)).Plan
		}
		first := report(t, succeeds(t, dir, env, "db", "status", "--json")).Pending[0].Version

		for _, step := range []struct{ from, to string }{{"", first}, {first, ""}} {
			online := report(t, succeeds(t, dir, env, "db", "plan", "--json", "--to", step.to)).Plan
			if offline := plan(step.from, "--to", step.to); offline != online || online == "" {
				t.Errorf("from %q: without a database %q, with one %q", step.from, offline, online)
			}
			fails(t, dir, env, "the plan", "db", "upgrade", "--to", step.to, "--plan", strings.Repeat("0", len(online)))
			succeeds(t, dir, env, "db", "upgrade", "--to", step.to, "--plan", plan(step.from, "--to", step.to))
		}
		if plan("") != plan("base") {
			t.Error("an empty database has two plans")
		}
		live := report(t, succeeds(t, dir, env, "db", "current", "--json")).From
		has(t, succeeds(t, dir, nowhere, "db", "plan", "--from", live, "--dialect", dialect),
			"nothing to apply: the database is at "+live)
		has(t, succeeds(t, dir, nowhere, "db", "plan", "--from", first, "--dialect", dialect), "ADD COLUMN `nickname`",
			"db upgrade --plan "+plan(first))
	})
}

// TestDBLintFrom checks that db lint --from reports only the migrations after that version.
func TestDBLintFrom(t *testing.T) {
	t.Parallel()
	dir, nowhere := projectFolder(t), []string{"DATABASE_URL=mysql://root:s3cr3t@127.0.0.1:1/nowhere"}
	live := report(t, succeeds(t, dir, nowhere, "db", "plan", "--json", "--from", "base")).To
	edit(t, filepath.Join(dir, "schema.hcl"), func(s string) string {
		a, b := strings.Index(s, "  column \"bio\" {"), strings.Index(s, "  column \"is_active\" {")
		return s[:a] + s[b:]
	})
	has(t, succeeds(t, dir, nowhere, "db", "lint", "--from", live), "nothing to check")
	succeeds(t, dir, nowhere, "db", "migrate", "-m", "drop bio")
	for _, from := range []string{live, "base", ""} {
		for _, dialect := range []string{"mysql", "sqlite"} {
			out := fails(t, dir, nowhere, "lint found", "db", "lint", "--format", "github", "--from", from, "--dialect",
				dialect).stdout
			has(t, out, "::error file=migrations/mysql/", "::error file=migrations/sqlite/", "DS103")
			if seen := strings.Contains(out, blog.Version); seen && from == live {
				t.Errorf("a finding of an applied migration:\n%s", out)
			}
		}
	}
}

// TestDBOfflineFlags checks the errors for flags that exclude each other.
func TestDBOfflineFlags(t *testing.T) {
	t.Parallel()
	dir := projectFolder(t)
	for _, test := range []struct {
		want string
		args []string
	}{
		{"--dialect requires --from", []string{"plan", "--dialect", "mysql"}},
		{"--dialect requires --from", []string{"lint", "--dialect", "mysql"}},
		{"none of the others can be", []string{"plan", "--from", "base", "--url", "mysql://root@127.0.0.1:1/x"}},
		{"none of the others can be", []string{"lint", "--from", "base", "--latest", "1"}},
		{"no migration has version", []string{"plan", "--from", "1"}},
		{"no migration has version", []string{"lint", "--from", "no version"}},
		{"oracle", []string{"plan", "--from", "base", "--dialect", "oracle"}},
		{"oracle", []string{"lint", "--from", "base", "--dialect", "oracle"}},
	} {
		fails(t, dir, nil, test.want, append([]string{"db"}, test.args...)...)
	}
}
