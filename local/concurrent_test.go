package main

import (
	"sync"
	"testing"

	"slipway/internal/dbtest"
	"slipway/migrations"
)

// TestConcurrentCommands: twenty upgrades of one empty database, each a process of
// its own, apply each file once and all end well.
func TestConcurrentCommands(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		const commands = 20
		address, dir := dbtest.New(t, dialect), t.TempDir()
		var all sync.WaitGroup
		results := make([]result, commands)
		for i := range commands {
			all.Go(func() { results[i] = run(t, dir, nil, "db", "upgrade", "--json", "--url", address) })
		}
		all.Wait()
		times := map[string]int{}
		for _, r := range results {
			if r.code != 0 {
				t.Fatalf("exit code %d\n%s%s", r.code, r.stdout, r.stderr)
			}
			for _, m := range report(t, r.stdout).Applied {
				times[m.Version]++
			}
		}
		for version, n := range times {
			if n != 1 {
				t.Errorf("%s was applied %d times", version, n)
			}
		}
		latest, err := migrations.Latest(dialect)
		if err != nil {
			t.Fatal(err)
		}
		if times[latest] != 1 || report(t, succeeds(t, dir, nil, "db", "status", "--json", "--url", address)).From != latest {
			t.Errorf("applied: %v", times)
		}
	})
}
