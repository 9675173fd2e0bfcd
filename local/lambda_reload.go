package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slipway/internal/emulator"
)

const (
	// functionPackage is the package of the function.
	functionPackage = "./functions/api"
	// pollInterval is how often the files are checked. Polling takes a millisecond and works with every editor and
	// file system.
	pollInterval = 300 * time.Millisecond
)

// reloader builds the function, and builds it again when its source files change.
type reloader struct {
	root    string // the project's folder
	dir     string // the folder for the binaries; each build has a subfolder
	out     io.Writer
	env     []string
	folders []string // the folders with source files of the function
	built   string   // the fingerprint of the files at the start of the last build
	number  int      // the number of the last build
	last    string   // the folder of the binary in use
}

// start lists the source folders and returns the first build.
func (r *reloader) start(ctx context.Context) (emulator.Program, error) {
	if err := r.list(ctx); err != nil {
		return emulator.Program{}, err
	}
	r.built = r.fingerprint()
	return r.build(ctx)
}

// build builds the function into a new folder.
func (r *reloader) build(ctx context.Context) (emulator.Program, error) {
	began := time.Now()
	fmt.Fprintf(r.out, "building %s\n", functionPackage)
	r.number++
	dir := filepath.Join(r.dir, fmt.Sprint(r.number))
	path := filepath.Join(dir, "bootstrap")
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		err = emulator.Build(ctx, r.root, functionPackage, path)
	}
	if err != nil {
		_ = os.RemoveAll(dir) // if this fails, it is deleted with r.dir
		return emulator.Program{}, err
	}
	r.last = dir
	fmt.Fprintf(r.out, "built    in %.1f s\n", time.Since(began).Seconds())
	return emulator.Program{Path: path, Env: r.env, Log: os.Stderr}, nil
}

// watch builds the function after its files have changed, and calls swap with each new program, until ctx ends.
// It prints build errors and keeps the program in use.
func (r *reloader) watch(ctx context.Context, swap func(emulator.Program)) {
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	before := r.built
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := r.fingerprint()
		settled := now == before // wait while an editor still writes files
		before = now
		if now == r.built || !settled {
			continue
		}
		r.built = now
		old := r.last
		fmt.Fprintln(r.out, "changed  the function's files")
		err := r.list(ctx)
		var program emulator.Program
		if err == nil {
			// The list of folders may have changed. Later changes start the next build.
			r.built = r.fingerprint()
			before = r.built
			program, err = r.build(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			fmt.Fprintf(r.out, "%v\nthe previous code stays in use\n", err)
		default:
			swap(program)
			_ = os.RemoveAll(old) // fails on Windows while a process uses it
			fmt.Fprintln(r.out, "swapped  new requests go to the new code")
		}
	}
}

// list sets r.folders to the folders with source files of the function: the packages of this module that it imports,
// and the folders of their embedded files. It ignores errors in the source files, because the build reports them.
func (r *reloader) list(ctx context.Context) error {
	tags := ""
	for _, flag := range emulator.Flags {
		if strings.HasPrefix(flag, "-tags=") {
			tags = flag
		}
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "list", "-e", "-deps", tags, "-json=Dir,Standard,Module,EmbedFiles",
		functionPackage)
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("listing the packages of %s: %w\n%s", functionPackage, err, bytes.TrimSpace(stderr.Bytes()))
	}
	folders := []string{r.root} // go.mod and go.sum
	for decoder := json.NewDecoder(&stdout); decoder.More(); {
		var p struct {
			Dir        string
			Standard   bool
			Module     *struct{ Main bool }
			EmbedFiles []string
		}
		if err := decoder.Decode(&p); err != nil {
			return fmt.Errorf("listing the packages of %s: %w", functionPackage, err)
		}
		if p.Standard || p.Module == nil || !p.Module.Main {
			continue
		}
		folders = append(folders, p.Dir)
		for _, file := range p.EmbedFiles {
			folders = append(folders, filepath.Dir(filepath.Join(p.Dir, file)))
		}
	}
	slices.Sort(folders)
	r.folders = slices.Compact(folders)
	return nil
}

// fingerprint returns a string that changes when a source file is created, deleted, or written.
func (r *reloader) fingerprint() string {
	var all strings.Builder
	for _, dir := range r.folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			fmt.Fprintln(&all, dir, "is missing")
			continue
		}
		for _, entry := range entries {
			name := entry.Name()
			if entry.IsDir() || strings.HasSuffix(name, "_test.go") || dir == r.root && name != "go.mod" && name != "go.sum" {
				continue
			}
			if info, err := entry.Info(); err == nil {
				fmt.Fprintln(&all, filepath.Join(dir, name), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return all.String()
}
