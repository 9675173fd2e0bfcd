package erd

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ariga.io/atlas/sql/schema"
)

// Mermaid draws a schema as the text of an erDiagram: a block for each table,
// with its columns, their keys and "null" where they may be NULL, and a line for
// each foreign key. The tables stand in the schema's order.
//
// Mermaid has no way to write every name: what its grammar refuses is an
// underscore, and the name of a column as it is stands in the comment then.
//
// https://mermaid.js.org/syntax/entityRelationshipDiagram.html
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

// mermaid is the column as a line of its table: type, name, keys and comment.
func (c column) mermaid() string {
	name := word(c.name)
	typ := c.typ
	if strings.Contains(typ, "'") { // the values of an enum are more than a word can say
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

// mermaid is the line between parent and child. A child that cannot be without
// its parent has a solid one.
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

// entityNames gives each table a name of its own that Mermaid can read.
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

// entity puts a name in quotes where it needs them.
func entity(name string) string {
	if bare.MatchString(name) && !slices.Contains(reserved, strings.ToLower(name)) {
		return name
	}
	return `"` + name + `"`
}

var bare = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reserved are the words that Mermaid does not take for the name of an entity, in
// the spelling of any version.
var reserved = strings.Fields(`acctitle accdescr class classdef direction end erdiagram many one only optionally
	style subgraph title to u zero`)

// turned is what Mermaid reads as the diagram's direction, wherever it stands in a
// line.
var turned = regexp.MustCompile(`(?i)direction +(TB|BT|RL|LR)`)

// plain is a text that may stand in quotes: without what would end it, and what
// Mermaid reads before its grammar does (directives, entities, HTML).
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
	notOfWord = regexp.MustCompile(`[^A-Za-z0-9_()]`) // other letters are fine from Mermaid 11 on only
	startsBad = regexp.MustCompile(`^[0-9()]`)
	keyWord   = regexp.MustCompile(`(?i)^(pk|fk|uk)([^A-Za-z0-9_]|$)`)
)

// word is a text as the type or the name of a column: decimal(10,2) is
// decimal(10_2). A name that reads as a key begins with an underscore.
func word(text string) string {
	text = notOfWord.ReplaceAllString(plain(text), "_")
	if startsBad.MatchString(text) || keyWord.MatchString(text) {
		text = "_" + text
	}
	return text
}
