package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"slipway/internal/migrate/plan"

	"slipway/internal/migrate/rowtypes"
)

// rowTypesHere returns the generated row types. The result is empty if the file is missing, and nil if its folder is
// missing.
func rowTypesHere() ([]byte, error) {
	if info, err := os.Stat(rowtypes.Folder); err != nil || !info.IsDir() {
		return nil, nil
	}
	text, err := os.ReadFile(rowtypes.Folder + "/" + rowtypes.File)
	if errors.Is(err, fs.ErrNotExist) {
		return []byte{}, nil
	}
	return text, err
}

// compilerLine matches an error message of the compiler with a position.
var compilerLine = regexp.MustCompile(`^\S+\.go:\d+:\d+: .+`)

// brokenByHand returns the compiler's errors in hand-written code after a change of the row types, each as
// file:line:column: message. It returns nothing if Go is not installed or there is no go.mod.
func brokenByHand(ctx context.Context, types plan.RowTypes) (lines []string) {
	if _, err := os.Stat("go.mod"); err != nil || !types.Written {
		return nil
	}
	// -e prints all errors, not only the first ten. The go command discards the result of a library build.
	output, err := exec.CommandContext(ctx, "go", "build", "-gcflags=-e", "./"+rowtypes.Folder).CombinedOutput()
	if err == nil {
		return nil
	}
	for line := range strings.Lines(string(output)) {
		if line = strings.TrimSpace(line); compilerLine.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// printRowTypes prints the path of the row types and the notes about them. If nothing was written, it prints nothing.
func printRowTypes(out io.Writer, authored plan.Result) {
	if authored.RowTypes.Written {
		fmt.Fprintf(out, "row types: %s\n", authored.RowTypes.Path)
	}
	if authored.RowTypes.Written || len(authored.Files) > 0 {
		for _, note := range authored.RowTypes.Notes {
			fmt.Fprintf(out, "note: %s\n", note)
		}
	}
}

// printBroken prints the compiler's errors and returns an error with their number, or nil if there are none.
func printBroken(out io.Writer, broken []string) error {
	for _, line := range broken {
		fmt.Fprintln(out, line)
	}
	return errBroken(broken)
}

// errBroken returns an error with the number of compiler errors, or nil if there are none.
func errBroken(broken []string) error {
	if len(broken) == 0 {
		return nil
	}
	verb := map[bool]string{true: "compiles", false: "compile"}[len(broken) == 1]
	return fmt.Errorf("the migration and the row types are written, but %s of %s no longer %s with them: "+
		"fix the code", count(len(broken), "line"), rowtypes.Folder, verb)
}
