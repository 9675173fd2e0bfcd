package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// kind defines the valid content of a kind of block in schema.hcl. Atlas ignores unknown
// words, so without this check a misspelled column block would drop the column.
type kind struct {
	blocks     string
	attributes string // "*" allows all names
	required   string
	nameless   bool
}

var kinds = map[string]kind{
	"": {blocks: "variable locals schema table"},
	// Variables need a default, so that a file has only one meaning.
	"variable": {attributes: "type default description", required: "default"},
	"locals":   {attributes: "*", nameless: true},
	"schema":   {attributes: "name comment charset collate"},
	"table": {
		blocks:     "column primary_key index foreign_key check",
		attributes: "schema charset collate comment engine auto_increment without_rowid strict depends_on for_each",
		required:   "schema",
	},
	"column": {
		blocks:     "as default",
		attributes: "type null default auto_increment unsigned charset collate comment on_update as for_each",
		required:   "type",
	},
	"as":          {attributes: "expr type", nameless: true},
	"default":     {attributes: "*", nameless: true},
	"primary_key": {blocks: "on", attributes: "columns type comment", nameless: true},
	"index":       {blocks: "on", attributes: "columns unique type comment parser for_each"},
	"on":          {attributes: "column expr desc prefix", nameless: true},
	"foreign_key": {attributes: "columns ref_columns on_update on_delete for_each", required: "columns ref_columns"},
	"check":       {attributes: "expr enforced for_each", required: "expr"},
}

// checkWords returns an error with the position of the first unknown word, missing
// attribute, missing name or duplicate block.
func checkWords(kindName string, body *hclsyntax.Body) error {
	k := kinds[kindName]
	attributes := slices.SortedFunc(maps.Values(body.Attributes), func(a, b *hclsyntax.Attribute) int {
		return cmp.Compare(a.SrcRange.Start.Byte, b.SrcRange.Start.Byte)
	})
	for _, a := range attributes {
		if kindName == "index" && a.Name == "where" {
			return wordError(a.NameRange, "MySQL has no index for some rows only: remove where")
		}
		if k.attributes != "*" && !has(k.attributes, a.Name) {
			return wordError(a.NameRange, "%q is not known here: use one of %s", a.Name, k.attributes)
		}
		if kindName == "column" && a.Name == "type" {
			if err := checkSQL(a.Expr); err != nil {
				return err
			}
		}
	}
	seen := map[string]bool{}
	for _, b := range body.Blocks {
		if b.Type == "dynamic" {
			continue
		}
		if !has(k.blocks, b.Type) {
			return wordError(b.TypeRange, "a block %q is not known here: use one of %s", b.Type, k.blocks)
		}
		if named := len(b.Labels) == 1 && b.Labels[0] != ""; !named && !kinds[b.Type].nameless {
			return wordError(b.TypeRange, "%s has no name: write %s \"name\" {", b.Type, b.Type)
		}
		name := strings.Join(append([]string{b.Type}, b.Labels...), " ")
		if seen[name] && b.Type != "on" && b.Type != "locals" {
			return wordError(b.TypeRange, "%s is here twice", name)
		}
		seen[name] = true
		for word := range strings.FieldsSeq(kinds[b.Type].required) {
			if b.Body.Attributes[word] == nil {
				return wordError(b.TypeRange, "%s has no %s", name, word)
			}
		}
		if err := checkWords(b.Type, b.Body); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether a list of words, separated by spaces, contains word.
func has(words, word string) bool { return slices.Contains(strings.Fields(words), word) }

// wordError returns an error with a position in the file.
func wordError(where hcl.Range, format string, args ...any) error {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: fmt.Sprintf(format, args...), Subject: &where}
}
