package test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// checks is the folder of the tests that need other packages than the program. It is a module of its own.
const checks = "internal/test/checks"

// goMod is the output of `go mod edit -json` for one module.
type goMod struct{ Require []requirement }

type requirement struct {
	Path, Version string
	Indirect      bool
}

func readGoMod(t *testing.T, folder string) (mod goMod) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "-C", folder, "mod", "edit", "-json").Output()
	if err == nil {
		err = json.Unmarshal(output, &mod)
	}
	if err != nil || len(mod.Require) < 10 {
		t.Fatalf("go.mod in %s has %d requirements: %v", folder, len(mod.Require), err)
	}
	return mod
}

// TestModules checks that the direct dependencies in go.mod are those of the program, and that the tests in the folder
// checks run with the same versions as the program.
func TestModules(t *testing.T) {
	t.Parallel()
	mod := readGoMod(t, ".")
	for _, complaint := range append(unused(mod, listPackages(t)), different(mod, readGoMod(t, checks))...) {
		t.Error(complaint)
	}
}

// unused returns a complaint for each direct dependency that the code of programs does not import.
func unused(mod goMod, packages []goPackage) (found []string) {
	for _, required := range mod.Require {
		if !required.Indirect && !slices.ContainsFunc(packages, func(p goPackage) bool {
			return !rules[strings.TrimPrefix(p.ImportPath, module)].helper &&
				slices.ContainsFunc(p.Imports, func(path string) bool { return within(path, required.Path) })
		}) {
			found = append(found, fmt.Sprintf("only tests import %s: move them to %s", required.Path, checks))
		}
	}
	return found
}

// different returns a complaint for each dependency that two modules have in different versions.
func different(program, tests goMod) (found []string) {
	for _, a := range program.Require {
		for _, b := range tests.Require {
			if a.Path == b.Path && a.Version != b.Version {
				found = append(found, fmt.Sprintf("%s has the version %s in go.mod, but %s in %s/go.mod",
					a.Path, a.Version, b.Version, checks))
			}
		}
	}
	return found
}

func TestUnused(t *testing.T) {
	t.Parallel()
	mod := goMod{Require: []requirement{{Path: "example.com/a"}, {Path: "example.com/b/v2"},
		{Path: "example.com/c", Indirect: true}}}
	for _, c := range []struct {
		p    goPackage
		want []string
	}{
		{goPackage{ImportPath: "slipway/local", Imports: []string{"example.com/a", "example.com/b/v2/x"}}, nil},
		{goPackage{ImportPath: "slipway/local", Imports: []string{"example.com/a", "example.com/b"}},
			[]string{"only tests import example.com/b/v2: move them to internal/test/checks"}},
		{goPackage{ImportPath: "slipway/local", Imports: []string{"example.com/a"}, TestImports: []string{"example.com/b/v2"},
			XTestImports: []string{"example.com/b/v2"}},
			[]string{"only tests import example.com/b/v2: move them to internal/test/checks"}},
		{goPackage{ImportPath: "slipway/internal/test/dbtest", Imports: []string{"example.com/a", "example.com/b/v2"}},
			[]string{"only tests import example.com/a: move them to internal/test/checks",
				"only tests import example.com/b/v2: move them to internal/test/checks"}},
	} {
		if got := unused(mod, []goPackage{c.p}); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.p, got, c.want)
		}
	}
}

func TestDifferent(t *testing.T) {
	t.Parallel()
	program := goMod{Require: []requirement{{Path: "example.com/a", Version: "v1.0.0"},
		{Path: "example.com/b", Version: "v1.0.0"}, {Path: "example.com/c", Version: "v1.0.0"}}}
	tests := goMod{Require: []requirement{{Path: "example.com/a", Version: "v1.0.0"},
		{Path: "example.com/b", Version: "v1.0.1", Indirect: true}, {Path: "example.com/d", Version: "v2.0.0"}}}
	want := []string{"example.com/b has the version v1.0.0 in go.mod, but v1.0.1 in internal/test/checks/go.mod"}
	if got := different(program, tests); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
