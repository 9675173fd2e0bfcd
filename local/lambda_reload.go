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
	// functionPackage is what is built.
	functionPackage = "./functions/api"
	// lookEvery is how often the files are looked at. It costs a millisecond, and
	// finds what any editor on any file system does.
	lookEvery = 300 * time.Millisecond
)

// reloader builds the function, and builds it again when its files change.
type reloader struct {
	root    string // the project's folder
	dir     string // where the binaries go, each into a folder of its own
	out     io.Writer
	env     []string
	folders []string // what the function is built of
	built   string   // the fingerprint of the files that the last build began with
	number  int
	last    string // the folder of the binary that serves
}

// start returns the first build.
func (r *reloader) start(ctx context.Context) (emulator.Program, error) {
	if err := r.list(ctx); err != nil {
		return emulator.Program{}, err
	}
	r.built = r.fingerprint()
	return r.build(ctx)
}

// build builds the function into a folder of its own.
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
		_ = os.RemoveAll(dir) // it goes with r.dir at the latest
		return emulator.Program{}, err
	}
	r.last = dir
	fmt.Fprintf(r.out, "built    in %.1f s\n", time.Since(began).Seconds())
	return emulator.Program{Path: path, Env: r.env, Log: os.Stderr}, nil
}

// watch builds the function whenever its files have changed and are at rest, and
// gives each new program to swap, until ctx ends. What does not build is said, and
// the program that serves goes on.
func (r *reloader) watch(ctx context.Context, swap func(emulator.Program)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	before := r.built
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := r.fingerprint()
		settled := now == before // an editor may be in the middle of several files
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
			// The folders may be others by now. What changes from here on is built next.
			r.built = r.fingerprint()
			before = r.built
			program, err = r.build(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			fmt.Fprintf(r.out, "%v\nthe code from before serves on\n", err)
		default:
			swap(program)
			_ = os.RemoveAll(old) // on Windows it stays while a process runs from it
			fmt.Fprintln(r.out, "swapped  new requests go to the new code")
		}
	}
}

// list finds the folders whose files the function is built of: those of this
// module's packages, and those of the files that are embedded in them. What is
// wrong in a file is for the compiler to say, and a test's is no matter.
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

// fingerprint is another whenever a file that the function may be built of came,
// went or was written.
func (r *reloader) fingerprint() string {
	var all strings.Builder
	for _, dir := range r.folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			fmt.Fprintln(&all, dir, "is gone")
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
