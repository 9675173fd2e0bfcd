package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"slipway/internal/migrate/adopt"
	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/rowtypes"
	"slipway/internal/migrate/run"
)

// initReport is the report of db init.
type initReport struct {
	run.Report
	// Tables are the adopted tables; null if the database was not adopted.
	Tables []string `json:"tables"`
	// Replaced says whose files the new ones replaced: "example", "project" or "".
	Replaced string `json:"replaced"`
	// Written and Removed are paths of files.
	Written []string `json:"written"`
	Removed []string `json:"removed"`
	// Notes say what one of the dialects does not have, and what the API does not serve.
	Notes []string `json:"notes"`
}

func failedInit(err error) (initReport, error) {
	return initReport{Report: run.FailedReport("init", err)}, err
}

// foreign reports whether the database records a migration that this project does not have.
func (r initReport) foreign() bool {
	found, err := filepath.Glob("migrations/" + r.Dialect + "/" + r.From + "*.sql")
	return r.From != "" && err == nil && len(found) == 0
}

func (r *initReport) adopted(state adopt.State, p *adopt.Project) {
	r.Tables, r.Notes = p.Tables, p.Notes
	r.Replaced = map[adopt.State]string{adopt.Example: "example", adopt.Own: "project"}[state]
}

// print prints the report for a developer.
func (r initReport) print(out io.Writer, t target) {
	if r.Tables == nil {
		r.printBaseline(out)
		return
	}
	fmt.Fprintf(out, "adopted %s of %s: %s\n", count(len(r.Tables), "table"), t.address(), strings.Join(r.Tables, ", "))
	switch r.Replaced {
	case "example":
		fmt.Fprintln(out, "they take the place of the example tables users, posts and notes")
	case "project":
		fmt.Fprintln(out, "they take the place of the tables of this project")
	}
	for _, path := range r.Removed {
		fmt.Fprintf(out, "removed %s\n", path)
	}
	for _, path := range r.Written {
		fmt.Fprintf(out, "wrote %s\n", path)
	}
	fmt.Fprintf(out, "%s is recorded as the baseline; no table was changed\n", r.To)
	for _, note := range r.Notes {
		fmt.Fprintf(out, "note: %s\n", note)
	}
	printUnmanaged(out, r.Unmanaged)
	for _, m := range r.Pending {
		fmt.Fprintf(out, "pending: %s %s\n", m.Version, m.Description)
	}
	fmt.Fprintln(out, "read schema.hcl and the migrations, then run: go run ./local db check, go run ./local db upgrade, "+
		"go run ./local")
}

// printUnmanaged lists the objects of a database that slipway does not manage.
func printUnmanaged(out io.Writer, objects []plan.Object) {
	for _, o := range objects {
		fmt.Fprintf(out, "not managed by slipway: %s\n", o)
	}
}

// printBaseline prints the report for a database that was not adopted.
func (r initReport) printBaseline(out io.Writer) {
	for _, path := range r.Written {
		fmt.Fprintf(out, "wrote %s\n", path)
	}
	switch {
	case r.To != "":
		fmt.Fprintf(out, "the database has the tables of %s: recorded as the baseline%s\n", r.To, pendingNote(r.Report))
	case len(r.Written) == 0 && r.From == "":
		fmt.Fprintln(out, "nothing to do: migrations/ exists, and the database is empty")
	case len(r.Written) == 0:
		fmt.Fprintf(out, "nothing to do: migrations/ exists, and the database is at %s\n", r.From)
	case r.From != "":
		fmt.Fprintf(out, "the database already records its migrations, and is at %s\n", r.From)
	}
}

// checkBuild compiles internal/app and its tests as they are after the files are written and
// removed. It returns the errors of the compiler in hand-written code. Without Go or a go.mod
// it checks nothing.
func checkBuild(ctx context.Context, files map[string][]byte, remove []string) (err error) {
	tables := rowtypes.Folder + "/" + rowtypes.File
	if _, err := os.Stat("go.mod"); err != nil {
		return nil
	}
	if info, err := os.Stat(rowtypes.Folder); err != nil || !info.IsDir() {
		return nil
	}
	folder, err := os.MkdirTemp("", "slipway-build-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	overlay := map[string]string{tables: filepath.Join(folder, "tables.go")} // "" is a removed file
	if err := os.WriteFile(overlay[tables], files[tables], 0o600); err != nil {
		return err
	}
	for _, path := range remove {
		if strings.HasPrefix(path, rowtypes.Folder+"/") && strings.HasSuffix(path, ".go") {
			overlay[path] = ""
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return err
	}
	list := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, text, 0o600); err != nil {
		return err
	}
	output, err := exec.CommandContext(ctx, "go", "vet", "-overlay="+list, "./"+rowtypes.Folder).CombinedOutput()
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		return nil // there is no Go, or it compiles
	}
	var reasons []string
	for line := range strings.Lines(string(output)) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "vet: ")
		if compilerLine.MatchString(line) {
			reasons = append(reasons, line)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	reasons[len(reasons)-1] += "; this code is written by hand for the old tables: remove it, and run the command again"
	return &adopt.Refusal{Reasons: reasons}
}
