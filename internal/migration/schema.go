package migration

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// parseSchema reads the text of a schema.hcl as the dialect sees it. An empty
// text is an empty schema, which is what a project without migrations has.
//
// Errors name the file, the line and the column: name:12:3: what is wrong. It
// never panics, whatever the text is.
func (d dialect) parseSchema(name string, text []byte) (_ *schema.Schema, err error) {
	if len(text) == 0 {
		return schema.New(d.database), nil
	}
	parser := hclparse.NewParser()
	file, diags := parser.ParseHCL(text, name)
	if diags.HasErrors() {
		return nil, positioned(name, nil, diags)
	}
	body := file.Body.(*hclsyntax.Body)
	if err := checkWords("", body); err != nil {
		return nil, positioned(name, nil, err)
	}
	// Evaluating rewrites the body; positions are looked up in what was written.
	written := *body
	written.Blocks = slices.Clone(body.Blocks)
	defer func() {
		// Atlas panics on some texts, such as a block without a label.
		if r := recover(); r != nil {
			err = positioned(name, &written, fmt.Errorf("not a schema: %v", r))
		}
	}()
	var s schema.Schema
	err = d.eval.Eval(parser, &s, map[string]cty.Value{
		"dialect": cty.StringVal(d.name),
		"db":      cty.StringVal(d.database),
	})
	if err != nil {
		return nil, positioned(name, &written, err)
	}
	return &s, nil
}

// positioned puts file:line:column in front of an error. Atlas gives a position
// with errors of syntax and of references; for the others, the blocks that the
// message names in quotes are looked up in the file.
func positioned(name string, body *hclsyntax.Body, err error) error {
	var diags hcl.Diagnostics
	var diag *hcl.Diagnostic
	if errors.As(err, &diags) && len(diags) > 0 {
		diag = diags[0]
	} else if !errors.As(err, &diag) {
		diag = nil
	}
	if diag != nil && diag.Subject != nil {
		// Some positions are of Atlas's own making and name no file.
		text := strings.TrimSuffix(diag.Summary, ".")
		if diag.Detail != "" {
			text += ": " + diag.Detail
		}
		return fmt.Errorf("%s:%d:%d: %s", name, diag.Subject.Start.Line, diag.Subject.Start.Column, text)
	}
	message := err.Error()
	if where, ok := locate(body, message); ok {
		return fmt.Errorf("%s:%d:%d: %s", name, where.Line, where.Column, message)
	}
	return fmt.Errorf("%s: %s", name, message)
}

var quoted = regexp.MustCompile(`"([^"]+)"`)

// locate finds the innermost block whose labels the message names in quotes, as
// in: cannot convert table "users": column "bio": ….
func locate(body *hclsyntax.Body, message string) (hcl.Pos, bool) {
	var found hcl.Pos
	ok := false
	names := map[string]bool{}
	for _, m := range quoted.FindAllStringSubmatch(message, -1) {
		for _, part := range strings.Split(m[1], ".") {
			names[part] = true
		}
	}
	for body != nil {
		i := slices.IndexFunc(body.Blocks, func(b *hclsyntax.Block) bool {
			return len(b.Labels) > 0 && names[b.Labels[0]]
		})
		if i < 0 {
			break
		}
		found, ok = body.Blocks[i].DefRange().Start, true
		body = body.Blocks[i].Body
	}
	return found, ok
}
