package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"slipway/internal/migrate/plan"
)

// baseNames are the default values of --base, in the order in which they are tried.
var baseNames = []string{"origin/HEAD", "origin/main", "origin/master", "main", "master"}

// snapshots is the folder with one copy of schema.hcl per version.
const snapshots = "migrations/snapshots"

// settledMigrations lists the migration files and the snapshots of the branch base. It returns an error if a
// migration file of base is missing here or differs, because a published migration must not change. base is any
// commit name of git; "" selects the first of [baseNames] that exists. It returns the name that it used.
func settledMigrations(ctx context.Context, base string) (settled plan.Settled, name string, err error) {
	if base == "" {
		for _, name := range baseNames {
			if _, err := git(ctx, "rev-parse", "--verify", "--quiet", name+"^{commit}"); err == nil {
				base = name
				break
			}
		}
		if base == "" {
			// Outside a repository, return the error of git.
			if _, err := git(ctx, "rev-parse", "--git-dir"); err != nil {
				return settled, "", err
			}
			return settled, "", fmt.Errorf("there is no branch %s: set --base to the branch with the published migrations",
				strings.Join(baseNames, ", "))
		}
	} else if _, err := git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", base+"^{commit}"); err != nil {
		return settled, "", fmt.Errorf("unknown Git branch or commit %q: "+
			"set --base to the branch with the published migrations", base)
	}
	folders := []string{base, "--", "migrations/mysql", "migrations/sqlite", snapshots}
	list, err := git(ctx, append([]string{"ls-tree", "-r", "-z", "--name-only"}, folders...)...)
	if err != nil {
		return settled, "", err
	}
	settled = plan.Settled{Files: map[string]bool{}, Snapshots: map[string][]byte{}}
	for path := range strings.SplitSeq(list, "\x00") {
		if !strings.HasSuffix(path, ".sql") && !strings.HasSuffix(path, ".hcl") {
			continue
		}
		settled.Files[path] = true
		if _, err := os.Stat(filepath.FromSlash(path)); err != nil {
			return settled, "", fmt.Errorf("%s has %s, which is missing here: git merge %s first, "+
				"and do not resolve the conflict in atlas.sum: this command does", base, path, base)
		}
	}
	changed, err := git(ctx, append([]string{"diff", "-z", "--name-only", "--relative", "--diff-filter=d"}, folders...)...)
	if err != nil {
		return settled, "", err
	}
	for path := range strings.SplitSeq(changed, "\x00") {
		switch {
		case !settled.Files[path]:
		case strings.HasPrefix(path, snapshots+"/"):
			text, err := git(ctx, "show", base+":./"+path)
			if err != nil {
				return settled, "", err
			}
			settled.Snapshots[path] = []byte(text)
		default:
			return settled, "", fmt.Errorf("%s is not as it is in %s: take that one back with git checkout %s -- %s, "+
				"and put your change into a new migration", path, base, base, path)
		}
	}
	return settled, base, nil
}

// git runs git in the current folder and returns its standard output. The error contains the standard error.
func git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("git is not on PATH: install it (this command reads from it which migrations are new)")
	case err != nil:
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
