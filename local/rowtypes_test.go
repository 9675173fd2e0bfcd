package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// TestDBMigrateRowTypes: db migrate writes the row types, and lists hand-written lines that no longer compile.
func TestDBMigrateRowTypes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: compiles a project")
	}
	dir := project.Copy(t, tableFiles...)
	env := []string{"DATABASE_URL=" + dbtest.SQLite(t)}
	const types = "internal/app/tables.go"
	before, rules := loadFile(t, dir, types), loadFile(t, dir, "internal/app/rules.go")

	if out := succeeds(t, dir, env, "db", "migrate", "-m", "nothing"); strings.Contains(out, "row types") ||
		loadFile(t, dir, types) != before {
		t.Errorf("nothing changed: %s", out)
	}
	saveFile(t, dir, types, before+"\n// by hand\n")
	r := fails(t, dir, env,
		"schema.hcl and row types: internal/app/tables.go is out of date: run go generate ./internal/app", "db", "check")
	mentions(t, r.stdout, "internal/app/tables.go is out of date")
	mentions(t, succeeds(t, dir, env, "db", "migrate", "-m", "types"), "nothing changed",
		"row types: internal/app/tables.go\n")
	if loadFile(t, dir, types) != before {
		t.Errorf("the row types changed")
	}
	succeeds(t, dir, env, "db", "check")

	// rules.go has a rule for users.email.
	schema := strings.NewReplacer(`column "email"`, `column "mail"`, "column.email", "column.mail", `"users_email"`,
		`"users_mail"`)
	saveFile(t, dir, "schema.hcl", schema.Replace(loadFile(t, dir, "schema.hcl")))
	r = fails(t, dir, env, "the migration and the row types are written, but 1 line of internal/app no longer compiles",
		"db", "migrate",
		"-m", "mail", "--rename", "users.email:mail")
	mentions(t, r.stdout, "_mail.sql", "row types: internal/app/tables.go\n",
		"internal/app/rules.go:7:43: u.Email undefined")
	if files, err := filepath.Glob(filepath.Join(dir, "migrations/*/*_mail.sql")); err != nil || len(files) != 2 {
		t.Errorf("migrations: %q, %v", files, err)
	}
	mentions(t, loadFile(t, dir, types), "Mail ")
	if loadFile(t, dir, "internal/app/rules.go") != rules {
		t.Error("a file that is written by hand was changed")
	}
	saveFile(t, dir, "internal/app/rules.go", strings.ReplaceAll(rules, "u.Email", "u.Mail"))
	succeeds(t, dir, env, "db", "upgrade")
	succeeds(t, dir, env, "db", "check")
}

// TestDBMigrateJSON: the JSON report lists the files, the notes, and the lines that no longer compile.
func TestDBMigrateJSON(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: compiles a project")
	}
	dir := project.Copy(t, tableFiles...)
	editFile(t, dir, "schema.hcl", `column "email" {`,
		"column \"kind\" {\n    type = bit(8)\n    null = true\n  }\n  column \"mail\" {")
	edited := strings.NewReplacer("column.email", "column.mail", `"users_email"`,
		`"users_mail"`).Replace(loadFile(t, dir, "schema.hcl"))
	saveFile(t, dir, "schema.hcl", edited)
	r := fails(t, dir, nil, "1 line of internal/app", "db", "migrate", "-m", "mail", "--rename", "users.email:mail",
		"--json")
	var got struct {
		Version string
		Files   []struct{ Path string }
		Types   struct {
			Path    string
			Written bool
			Notes   []string
		} `json:"row_types"`
		Broken []string
	}
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
		t.Fatalf("%v\n%s", err, r.stdout)
	}
	if len(got.Version) != 14 || len(got.Files) != 2 || !got.Types.Written || len(got.Types.Notes) != 1 ||
		len(got.Broken) != 1 || !strings.HasPrefix(got.Broken[0], "internal/app/rules.go:7:43: ") {
		t.Errorf("%+v", got)
	}
	mentions(t, succeeds(t, dir, nil, "db", "migrate", "-m", "again", "--json"), `"files": []`, `"warnings": []`,
		`"written": false`, `"broken": []`)
}
