package erd

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ariga.io/atlas/sql/schema"
)

// Mermaid returns a schema as a Mermaid erDiagram
// (https://mermaid.js.org/syntax/entityRelationshipDiagram.html): a block for each table in
// the order of the schema, and a line for each foreign key. A block has the columns with
// their keys, and "null" for nullable columns.
//
// Mermaid does not support all characters in names. An underscore replaces the others, and
// the comment of the column has the original name.
func Mermaid(s *schema.Schema) string {
	var b strings.Builder
	b.WriteString("erDiagram\n")
	entities := entityNames(s)
	for i, t := range s.Tables {
		columns := columnsOf(t)
		if len(columns) == 0 {
			fmt.Fprintf(&b, "    %s\n", entities[i])
			continue
		}
		fmt.Fprintf(&b, "    %s {\n", entities[i])
		for _, c := range columns {
			b.WriteString("        " + c.mermaid() + "\n")
		}
		b.WriteString("    }\n")
	}
	for _, r := range relationsOf(s) {
		fmt.Fprintf(&b, "    %s %s %s : \"%s\"\n", entities[r.parent], r.mermaid(), entities[r.child],
			plain(names(r.key.Columns)))
	}
	return b.String()
}

// mermaid returns the line of a column: type, name, keys and comment.
func (c column) mermaid() string {
	name := word(c.name)
	typ := c.typ
	if strings.Contains(typ, "'") { // Mermaid does not support the values of an enum in a type
		typ, _, _ = strings.Cut(typ, "(")
	}
	line := word(typ) + " " + name
	if len(c.keys) > 0 {
		line += " " + strings.Join(c.keys, ", ")
	}
	var comment []string
	if shown := plain(c.name); name != shown {
		comment = append(comment, shown)
	}
	if c.nullable {
		comment = append(comment, "null")
	}
	if len(comment) > 0 {
		line += ` "` + strings.Join(comment, ", ") + `"`
	}
	return line
}

// mermaid returns the line between parent and child. It is solid if the parent is required.
func (r relation) mermaid() string {
	parent, line, child := "||", "--", "o{"
	if r.optional {
		parent, line = "|o", ".."
	}
	if r.single {
		child = "o|"
	}
	return parent + line + child
}

// entityNames returns a unique name for each table that is valid in Mermaid.
func entityNames(s *schema.Schema) []string {
	all := make([]string, len(s.Tables))
	for i, t := range s.Tables {
		name := plain(t.Name)
		for n := 2; slices.Contains(all[:i], entity(name)); n++ {
			name = fmt.Sprintf("%s_%d", plain(t.Name), n)
		}
		all[i] = entity(name)
	}
	return all
}

// entity returns a name, in quotes if Mermaid requires them.
func entity(name string) string {
	if bare.MatchString(name) && !slices.Contains(reserved, strings.ToLower(name)) {
		return name
	}
	return `"` + name + `"`
}

var bare = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reserved are the words that any version of Mermaid rejects as the name of an entity.
var reserved = strings.Fields(`acctitle accdescr class classdef direction end erdiagram many one only optionally
	style subgraph title to u zero`)

// turned matches text that Mermaid interprets as the direction of the diagram.
var turned = regexp.MustCompile(`(?i)direction +(TB|BT|RL|LR)`)

// plain returns a text that is valid in quotes. It replaces characters that end the text, or
// that Mermaid interprets before it parses the diagram (directives, entities, HTML).
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar || strings.ContainsRune("\"%\\#;<>&{}`$~", r) {
			return '_'
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	if turned.MatchString(text) {
		text = strings.ReplaceAll(text, " ", "_")
	}
	if text == "" {
		return "_"
	}
	return text
}

var (
	notOfWord = regexp.MustCompile(`[^A-Za-z0-9_()]`) // only Mermaid 11 and later accept other letters
	startsBad = regexp.MustCompile(`^[0-9()]`)
	keyWord   = regexp.MustCompile(`(?i)^(pk|fk|uk)([^A-Za-z0-9_]|$)`)
)

// word returns a text as the type or the name of a column: decimal(10,2) becomes
// decimal(10_2). A name that looks like a key gets an underscore at the start.
func word(text string) string {
	text = notOfWord.ReplaceAllString(plain(text), "_")
	if startsBad.MatchString(text) || keyWord.MatchString(text) {
		text = "_" + text
	}
	return text
}
