package clienttest_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/database/sqlite"
	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/keys"
	"slipway/internal/migrate/rowtypes/testdata/types"
	"slipway/internal/store"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog"
)

// dialects are the dialects that a URL can name.
var dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

// exampleURL is the URL of the API in docs/clients.md.
const exampleURL = "http://127.0.0.1:3000"

// tables are those of package blog, tables with every shape of a key, and a table with a column of every type.
var tables = slices.Concat(blog.Tables, keys.Tables, types.Tables)

// serve returns the URL of the API on an empty database of the dialect.
func serve(t *testing.T, dialect string) string {
	t.Helper()
	url := blog.New(t, dialect)
	create(t, url, dialect, "keys")
	create(t, url, dialect, "types")
	db, err := database.Open(database.Config{URL: url}, dialects...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	server := httptest.NewServer(httpapi.New(httpapi.Options{
		Store: store.New(db), Tables: tables, MaxBodyBytes: 1 << 20,
		Logger: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// create creates the tables of a folder in testdata of package rowtypes. The database already has idempotency_keys.
func create(t *testing.T, url, dialect, folder string) {
	t.Helper()
	text, err := os.ReadFile("../../migrate/rowtypes/testdata/" + folder + "/schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	db := dbtest.Open(t, url)
	for _, statement := range apitest.Statements(t, dialect, text) {
		if strings.Contains(statement, "idempotency_keys") {
			continue
		}
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// folder returns a copy of a folder of testdata, with the openapi.json of the API.
func folder(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(serve(t, "sqlite") + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	document, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("/openapi.json: %d, %v", response.StatusCode, err)
	}
	write(t, filepath.Join(dir, "openapi.json"), string(document))
	return dir
}

// block returns a code block of docs/clients.md.
func block(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	pattern := "(?s)<!-- test: " + regexp.QuoteMeta(name) + " -->\n```[a-z]+\n(.*?)```"
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		t.Fatalf("docs/clients.md has no block %s", name)
	}
	return string(found[1])
}

// fiveLines checks that an example has five lines, and returns it.
func fiveLines(t *testing.T, example string) string {
	t.Helper()
	if n := strings.Count(example, "\n"); n != 5 {
		t.Errorf("the example has %d lines, want 5:\n%s", n, example)
	}
	return example
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a program in a folder. An error fails the test.
func run(t *testing.T, dir, name string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
	command.Dir = dir
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, out)
	}
}

// TestTypeScript: the clients of openapi-typescript with openapi-fetch, and of hey-api, compile, and programs that use
// them work on each dialect.
func TestTypeScript(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("TEST_NODE_MODULES")
	if modules == "" {
		t.Log("!! NO NODE in this run: no TypeScript client was tested. " +
			"Set TEST_NODE_MODULES=$(bash local/node.sh)")
		return
	}
	dir := folder(t, "node")
	write(t, filepath.Join(dir, "example.ts"),
		strings.ReplaceAll(fiveLines(t, block(t, "typescript")), `"`+exampleURL+`"`, "process.argv[2]!")+`
import { equal, one } from "./check.js";
equal([one(created.data).title, notes.data?.[0]?.title], ["Boats", "Boats"], "the example");
`)
	if err := os.Symlink(modules, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "node", "node_modules/openapi-typescript/bin/cli.js", "openapi.json", "-o", "schema.d.ts")
	run(t, dir, "node", "node_modules/@hey-api/openapi-ts/bin/run.js")
	// The generators need the API of TypeScript 5. The compiler of TypeScript 7 is five times as fast.
	run(t, dir, "node", "node_modules/typescript-7/bin/tsc")
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		run(t, dir, "node", "out/all.js", serve(t, dialect)) // one process: its start takes longer than a program
	})
}

// goExample is a package that contains the example of docs/clients.md.
const goExample = `package example

import (
	"context"
	"os"

	"clients/api"
)

func Run() {
	ctx := context.Background()
EXAMPLE
	if err != nil || created.StatusCode() != 201 || (*notes.JSON200)[0].Title != "Boats" {
		panic("the example does not work")
	}
}
`

// TestGo: the client of oapi-codegen compiles, and programs that use it work on each dialect.
func TestGo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("skipped with -short: compiles a client")
	}
	dir := folder(t, "go")
	example := strings.ReplaceAll(fiveLines(t, block(t, "go")), `"`+exampleURL+`"`, "os.Args[1]")
	write(t, filepath.Join(dir, "example/example.go"), strings.Replace(goExample, "EXAMPLE", example, 1))
	write(t, filepath.Join(dir, "oapi-codegen.yaml"), block(t, "oapi-codegen.yaml"))
	if err := os.Mkdir(filepath.Join(dir, "api"), 0o700); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "go", "tool", "oapi-codegen", "-config", "oapi-codegen.yaml", "openapi.json")
	run(t, dir, "go", "vet", "-trimpath", "./...")
	run(t, dir, "go", "build", "-trimpath", "-ldflags=-s -w")
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		run(t, dir, filepath.Join(dir, "clients"), serve(t, dialect))
	})
}
