package main

import (
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
)

// TestNoteKeys checks that db migrate and db check print one note if the table idempotency_keys
// is missing, with the same exit code as without the note.
func TestNoteKeys(t *testing.T) {
	t.Parallel()
	const note = "note: requests with Idempotency-Key fail without the table idempotency_keys: " +
		"copy the block table \"idempotency_keys\""
	dbtest.Each(t, func(t *testing.T, address string) {
		dir := projectFolder(t)
		for _, line := range []string{"db migrate -m same", "db check --url " + address} {
			if out := succeeds(t, dir, nil, strings.Fields(line)...); strings.Contains(out, "note:") {
				t.Errorf("%s: with the table:\n%s", line, out)
			}
		}
		text := loadFile(t, dir, "schema.hcl")
		before, rest, _ := strings.Cut(text, "table \"idempotency_keys\" {")
		_, after, found := strings.Cut(rest, "\n}\n")
		if !found {
			t.Fatal("no such block")
		}
		saveFile(t, dir, "schema.hcl", before+after)
		for _, line := range []string{
			"db migrate -m without", "db migrate -m same", "db upgrade --url " + address, "db check --url " + address,
		} {
			want := 1
			if strings.HasPrefix(line, "db upgrade") {
				want = 0
			}
			if out := succeeds(t, dir, nil, strings.Fields(line)...); strings.Count(out, note) != want {
				t.Errorf("%s: want the note %d times:\n%s", line, want, out)
			}
		}
		if out := succeeds(t, dir, nil, "db", "check", "--json", "--url", address); strings.Contains(out, "note:") {
			t.Errorf("not JSON alone:\n%s", out)
		}
	})
}
