package migration

import (
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"slipway/internal/dbtest"
	"slipway/migrations"
)

// TestAtlasHCL holds that the commands in the comment of atlas.hcl name what is
// there. With -atlas they are run, in a copy of the project, on empty databases.
func TestAtlasHCL(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(projectRoot, "atlas.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	oneSpace := regexp.MustCompile(` +--`).ReplaceAllString(string(text), " --")
	commands := regexp.MustCompile(`(?m)^# +atlas (migrate .*?)(?:  .*)?$`).FindAllStringSubmatch(oneSpace, -1)
	if len(commands) < 9 {
		t.Errorf("%d commands in the comment: %q", len(commands), commands)
	}
	for _, c := range commands {
		_, name, _ := strings.Cut(c[1], "--env ")
		name, _, _ = strings.Cut(name, " ")
		if !strings.Contains(string(text), "\nenv \""+name+"\" {") {
			t.Errorf("atlas %s: there is no environment %q", c[1], name)
		}
	}
	folders := regexp.MustCompile(`dir += "file://(.*)"`).FindAllStringSubmatch(string(text), -1)
	for _, f := range folders {
		if _, err := os.Stat(filepath.Join(projectRoot, f[1], "atlas.sum")); err != nil {
			t.Errorf("an environment's folder: %v", err)
		}
	}
	if len(folders) != 4 {
		t.Errorf("folders of environments: %q", folders)
	}
	if *atlasCLI == "" {
		return
	}

	project := t.TempDir()
	copyProject(t, project)
	latest, err := migrations.Latest(MySQL)
	if err != nil {
		t.Fatal(err)
	}
	database, empty := dbtest.MySQL(t), dbtest.MySQL(t)
	for _, c := range commands {
		line := strings.NewReplacer("VERSION", latest, "NAME", "change").Replace(c[1])
		printed, failed := runCLIIn(t, project, []string{"DATABASE_URL=" + database, "DEV_DATABASE_URL=" + empty}, strings.Fields(line)...)
		if failed != "" {
			t.Errorf("atlas %s: %s\n%s", line, failed, printed)
		}
	}
	if changed := git(t, project, "status", "--porcelain", "migrations"); changed != "" {
		t.Errorf("the commands changed files:\n%s", changed)
	}
	for dialect, address := range map[string]string{MySQL: database, SQLite: "sqlite://" + filepath.Join(project, "local", "data", "app.db")} {
		files, err := migrations.FS(dialect)
		if err != nil {
			t.Fatal(err)
		}
		report, err := engine(t, dialect, address, files).Upgrade(t.Context(), Upgrade{})
		if err != nil || report.To != latest {
			t.Errorf("%s: an upgrade after the CLI: to %s, %v", dialect, report.To, err)
		}
	}
}

// copyProject copies what the CLI needs into a repository of its own.
func copyProject(t *testing.T, target string) {
	t.Helper()
	for _, name := range []string{"atlas.hcl", "schema.hcl"} {
		text, err := os.ReadFile(filepath.Join(projectRoot, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(target, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(target, "migrations"), os.DirFS(filepath.Join(projectRoot, "migrations"))); err != nil {
		t.Fatal(err)
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
