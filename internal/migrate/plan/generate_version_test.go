package plan

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"slipway/internal/migrate/atomicfiles"
	"slipway/internal/migrate/migratetest"

	"ariga.io/atlas/sql/migrate"
)

// TestVersions: each run gets a version later than all versions of both dialects, whatever the
// time of the clock is.
func TestVersions(t *testing.T) {
	t.Parallel()
	root := migratetest.Project(t, migratetest.OneTable)
	last, columns, size := "", "", 10
	for run := range 20 {
		clock := migratetest.Noon
		switch run % 4 {
		case 1:
			clock = migratetest.Noon.Add(-time.Hour) // moved back
		case 2:
			clock = migratetest.Noon.In(time.FixedZone("east", 5*3600))
		}
		// Sizes are MySQL's alone: every third run writes no file for SQLite.
		if run%3 == 1 {
			size++
		} else {
			columns += fmt.Sprintf("  column \"c%d\" {\n    type = int\n    null = true\n  }\n", run)
		}
		migratetest.Write(t, root, "schema.hcl", migratetest.WithColumn(fmt.Sprintf("%s  column \"size\" {\n    type = "+
			"varchar(%d)\n    null = true\n  }", columns, size)))
		result, err := Generate(t.Context(), root, Options{Message: fmt.Sprintf("run %d", run)}, clock)
		if err != nil {
			t.Fatal(err)
		}
		if result.Version <= last || len(result.Files) != 2 && run%3 != 1 {
			t.Fatalf("run %d: version %q after %q, files %v", run, result.Version, last, Paths(result))
		}
		last = result.Version
	}
	if want := "20260102120019"; last != want {
		t.Errorf("the last of 20 versions in one second is %s, want %s", last, want)
	}
}

// TestAtTheSameTime: concurrent calls of Generate in one folder write the same files as
// sequential calls.
func TestAtTheSameTime(t *testing.T) {
	t.Parallel()
	const runs = 12
	root := migratetest.Project(t, migratetest.OneTable)
	generate(t, root, "create notes")
	var group sync.WaitGroup
	errs := make(chan error, 2*runs)
	for run := range runs {
		group.Go(func() {
			_, err := GenerateEmpty(t.Context(), root, fmt.Sprintf("run %d", run), "", migratetest.Noon)
			errs <- err
		})
		group.Go(func() {
			_, err := Generate(t.Context(), root, Options{Message: "nothing"}, migratetest.Noon)
			errs <- err
		})
	}
	group.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	for _, dialect := range []string{MySQL, SQLite} {
		dir, err := migrate.NewLocalDir(migratetest.DirFS(root, dialect))
		if err != nil {
			t.Fatal(err)
		}
		if err := migrate.Validate(dir); err != nil {
			t.Errorf("%s: %v", dialect, err)
		}
		files, err := dir.Files()
		if err != nil || len(files) != runs+1 {
			t.Errorf("%s: %d files, %v", dialect, len(files), err)
		}
		versions := map[string]bool{}
		for _, f := range files {
			versions[f.Version()] = true
		}
		if len(versions) != runs+1 {
			t.Errorf("%s: %d versions in %d files", dialect, len(versions), len(files))
		}
	}
}

// TestGenerateLocked: Generate waits while another command writes files of the project, and
// writes nothing when its context ends.
func TestGenerateLocked(t *testing.T) {
	t.Parallel()
	root := migratetest.Project(t, migratetest.OneTable)
	before := migratetest.Tree(t, root)
	err := atomicfiles.Update(t.Context(), root, func(*atomicfiles.Files) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := Generate(ctx, root, Options{Message: "x"}, migratetest.Noon)
		if err == nil || migratetest.Tree(t, root) != before {
			t.Errorf("locked: got %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	generate(t, root, "x")
}
