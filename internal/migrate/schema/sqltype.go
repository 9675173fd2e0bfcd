package schema

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"slipway/internal/migrate/lazyregexp"
)

var (
	// blankMembers matches a list of members with blanks after a comma. Atlas reads 'a', 'b' as one member.
	blankMembers = lazyregexp.New(`(?i)^\s*(enum|set)\s*\(.*',\s+'`)
	// lostWords matches words after a type that Atlas ignores.
	lostWords   = lazyregexp.New(`(?i)\b(character set|charset|collate|not null|null|default|comment)\b`)
	unsignedBit = lazyregexp.New(`(?i)^\s*tinyint\s*\(\s*1\s*\)\s+unsigned`)
	quotedTexts = lazyregexp.New(`'(?:[^']|'')*'`)
)

// checkSQL returns an error for a type in sql("…") that Atlas reads differently from MySQL.
func checkSQL(expr hclsyntax.Expression) error {
	call, ok := expr.(*hclsyntax.FunctionCallExpr)
	if !ok || call.Name != "sql" || len(call.Args) != 1 {
		return nil
	}
	value, diags := call.Args[0].Value(nil)
	if diags.HasErrors() || value.Type().FriendlyName() != "string" || value.IsNull() {
		return nil
	}
	written := value.AsString()
	if m := blankMembers.FindStringSubmatch(written); m != nil {
		return wordError(call.Range(), "the members of the %[1]s have blanks between them: write type = %[1]s(\"a\", \"b\")",
			strings.ToLower(m[1]))
	}
	words := quotedTexts.ReplaceAllString(written, "")
	switch lost := lostWords.FindString(words); {
	case unsignedBit.MatchString(words):
		return wordError(call.Range(), "tinyint(1) is a boolean and has no sign: write type = bool, or type = tinyint and "+
			"unsigned = true")
	case lost != "":
		return wordError(call.Range(), "%s is not part of a type: write it as an attribute of the column, such as null, "+
			"default, charset, collate or comment", lost)
	case words != strings.ToLower(words):
		return wordError(call.Range(), "write the type in lower case")
	}
	return nil
}
