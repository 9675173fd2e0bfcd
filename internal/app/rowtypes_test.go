package app_test

import (
	"os"
	"testing"

	"slipway/internal/migrate/rowtypes"
)

// TestRowTypes checks that tables.go is up to date with schema.hcl.
func TestRowTypes(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("../../schema.hcl")
	if err != nil {
		t.Fatal(err)
	}
	source, err := rowtypes.Generate("app", "schema.hcl", schema)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(rowtypes.File); err != nil || string(text) != string(source.Text) {
		t.Errorf("internal/app/%s is out of date: run go generate ./internal/app (%v)", rowtypes.File, err)
	}
}
