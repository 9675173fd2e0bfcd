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

// rowTypesHere returns the generated row types: empty where the file is missing, nil
// where there is no folder for it.
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

// compilerLine is a line of the compiler about a line of code.
var compilerLine = regexp.MustCompile(`^\S+\.go:\d+:\d+: .+`)

// brokenByHand returns the lines that no longer compile now that the row types have
// changed, as the compiler says it: file:line:column: message. There are none where Go
// is not installed, or the folder is in no module.
func brokenByHand(ctx context.Context, types plan.RowTypes) (lines []string) {
	if _, err := os.Stat("go.mod"); err != nil || !types.Written {
		return nil
	}
	// -e: all lines, not the first ten. A library is built and thrown away.
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

// printRowTypes prints what became of the row types. Where nothing was written there is
// nothing to say.
func printRowTypes(out io.Writer, authored plan.Authored) {
	if authored.RowTypes.Written {
		fmt.Fprintf(out, "row types: %s\n", authored.RowTypes.Path)
	}
	if authored.RowTypes.Written || len(authored.Files) > 0 {
		for _, note := range authored.RowTypes.Notes {
			fmt.Fprintf(out, "note: %s\n", note)
		}
	}
}

// printBroken prints the lines that no longer compile. The error counts them.
func printBroken(out io.Writer, broken []string) error {
	for _, line := range broken {
		fmt.Fprintln(out, line)
	}
	return errBroken(broken)
}

// errBroken says that all is written, and that code does not compile; nil for no lines.
func errBroken(broken []string) error {
	if len(broken) == 0 {
		return nil
	}
	verb := map[bool]string{true: "compiles", false: "compile"}[len(broken) == 1]
	return fmt.Errorf("the migration and the row types are written, but %s of %s no longer %s with them: "+
		"change the code to fit", count(len(broken), "line"), rowtypes.Folder, verb)
}
