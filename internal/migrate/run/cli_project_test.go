package run

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// TestAtlasHCL checks the commands in the comment of atlas.hcl. With -atlas it runs them in a
// new project, on empty databases.
func TestAtlasHCL(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(projectRoot, "atlas.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	oneSpace := regexp.MustCompile(` +--`).ReplaceAllString(string(text), " --")
	commands := regexp.MustCompile(`(?m)^# +atlas (migrate .*?)(?:  .*)?$`).FindAllStringSubmatch(oneSpace, -1)
	if len(commands) < 8 {
		t.Errorf("%d commands in the comment: %q", len(commands), commands)
	}
	for _, c := range commands {
		_, name, _ := strings.Cut(c[1], "--env ")
		name, _, _ = strings.Cut(name, " ")
		if !strings.Contains(string(text), "\nenv \""+name+"\" {") {
			t.Errorf("atlas %s: there is no environment %q", c[1], name)
		}
	}
	project := t.TempDir()
	makeProject(t, project, text)
	folders := regexp.MustCompile(`dir += "file://(.*)"`).FindAllStringSubmatch(string(text), -1)
	for _, f := range folders {
		if _, err := os.Stat(filepath.Join(project, f[1], "atlas.sum")); err != nil {
			t.Errorf("an environment's folder: %v", err)
		}
	}
	if len(folders) != 4 {
		t.Errorf("folders of environments: %q", folders)
	}
	if *atlasCLI == "" {
		return
	}

	database, empty := dbtest.MySQL(t), dbtest.MySQL(t)
	for _, c := range commands {
		line := strings.NewReplacer("VERSION", blog.Version, "NAME", "change").Replace(c[1])
		printed, failed := runCLIIn(t, project, []string{"DATABASE_URL=" + database, "DEV_DATABASE_URL=" + empty},
			strings.Fields(line)...)
		if failed != "" {
			t.Errorf("atlas %s: %s\n%s", line, failed, printed)
		}
	}
	if changed := git(t, project, "status", "--porcelain", "migrations"); changed != "" {
		t.Errorf("the commands changed files:\n%s", changed)
	}
	for dialect, address := range map[string]string{plan.MySQL: database,
		plan.SQLite: "sqlite://" + filepath.Join(project, "local", "data", "app.db")} {
		report, err := engine(t, dialect, address, blog.Files(dialect)).Upgrade(t.Context(), Upgrade{})
		if err != nil || report.To != blog.Version {
			t.Errorf("%s: an upgrade after the CLI: to %s, %v", dialect, report.To, err)
		}
	}
}

// makeProject creates a repository for the CLI: atlas.hcl, and the tables and migrations of
// package blog.
func makeProject(t *testing.T, target string, atlasHCL []byte) {
	t.Helper()
	for name, text := range map[string][]byte{"atlas.hcl": atlasHCL, plan.SchemaFile: blog.Schema()} {
		if err := os.WriteFile(filepath.Join(target, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, dialect := range []string{plan.MySQL, plan.SQLite} {
		if err := os.CopyFS(filepath.Join(target, "migrations", dialect), blog.Files(dialect)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(target, "local", "data"), 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, target, "init", "--quiet", "--initial-branch", "main")
	git(t, target, "add", ".")
	git(t, target, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--message", "project")
}

func git(t *testing.T, folder string, args ...string) string {
	t.Helper()
	out, err := osexec.CommandContext(t.Context(), "git", append([]string{"-C", folder}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}
