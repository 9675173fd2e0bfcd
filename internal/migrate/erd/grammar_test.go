package erd_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/erd"
)

// rule is a rule of Mermaid's lexer for this kind of diagram. The first rule that matches applies.
// A name in capitals is a token. The lexer ignores the other matches.
type rule struct {
	pattern *regexp.Regexp
	token   string
}

func rules(lines string) (all []rule) {
	for line := range strings.Lines(lines) {
		token, pattern, _ := strings.Cut(strings.TrimSpace(line), " ")
		if token != "" {
			all = append(all, rule{regexp.MustCompile(`(?i)^(?:` + strings.TrimSpace(pattern) + `)`), token})
		}
	}
	return all
}

// The rules outside and inside a block, from the strictest version in use of
// packages/mermaid/src/diagrams/er/parser/erDiagram.jison. They include rules that diagrams
// must not match by accident.
var (
	outside = rules(`
		BAD    acctitle\s*:\s*
		BAD    accdescr\s*[:{]\s*
		BAD    .*direction\s+(TB|BT|RL|LR)
		space  [ \t\r]+
		LINE   \n+
		NAME   "[^"%\r\n\x0b\x08\\]+"
		BAD    "[^"]*"
		START  erDiagram\b
		OPEN   \{
		COLON  :
		BAD    (style|classdef|class|subgraph|end|many|one|only one|to|optionally to|zero or one)\b
		CARD   \|\||\|o|o\||o\{
		BAD    u[.|-]
		WAY    --|\.\.
		BAD    [0-9]+
		NAME   ([^\x00-\x7F]|\w)+`)
	inside = rules(`
		space   \s+
		KEY     (PK|FK|UK)\b
		BAD     \S*~.*~\S*
		WORD    [*A-Za-z_][A-Za-z0-9_\[\]()*-]*
		COMMENT "[^"]*"
		COMMA   ,
		CLOSE   \}`)
)

// tokens returns the tokens of a diagram, separated by spaces: NAME OPEN WORD WORD KEY CLOSE. Text
// that no rule matches is BAD.
func tokens(text string) string {
	var all []string
	state := outside
	for text != "" {
		token, n := "BAD", 1
		for _, r := range state {
			if m := r.pattern.FindString(text); m != "" {
				token, n = r.token, len(m)
				break
			}
		}
		switch token {
		case "OPEN":
			state = inside
		case "CLOSE":
			state = outside
		}
		if token != "space" {
			all = append(all, token)
		}
		if token == "BAD" {
			return strings.Join(append(all, fmt.Sprintf("%.20q", text)), " ")
		}
		text = text[n:]
	}
	return strings.Join(all, " ") + " "
}

// diagram is the grammar over those tokens.
var diagram = regexp.MustCompile(`^START LINE ((NAME LINE )|(NAME OPEN (WORD WORD (KEY (COMMA KEY )*)?(COMMENT ` +
	`)?)+CLOSE LINE )|(NAME CARD WAY CARD NAME COLON NAME LINE ))*$`)

// checkMermaid checks that Mermaid can parse a diagram, and finds all tables and columns in it.
func checkMermaid(t *testing.T, s *schema.Schema) {
	t.Helper()
	text := erd.Mermaid(s)
	found := tokens(text)
	if !diagram.MatchString(found) {
		t.Fatalf("Mermaid cannot parse\n%s\nwith the tokens\n%s", text, found)
	}
	columns, keys := 0, 0
	for _, table := range s.Tables {
		columns += len(table.Columns)
		keys += len(table.ForeignKeys)
	}
	names := len(s.Tables) + 3*keys // a table; both ends and the label of a key
	if n := strings.Count(found, "WORD"); n != 2*columns {
		t.Errorf("%d words for %d columns:\n%s", n, columns, text)
	}
	if n := strings.Count(found, "NAME"); n != names {
		t.Errorf("%d names, want %d:\n%s", n, names, text)
	}
	// All tables have different names.
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		name, isTable := strings.CutSuffix(line, " {\n")
		if isTable && seen[strings.Trim(name, ` "`)] {
			t.Errorf("two tables are %s:\n%s", name, text)
		}
		seen[strings.Trim(name, ` "`)] = isTable
	}
}
