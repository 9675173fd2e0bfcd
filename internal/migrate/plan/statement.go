package plan

import (
	"strings"

	"slipway/internal/migrate/lazyregexp"
)

// Space is a regular expression for white space and comments before a keyword. It excludes
// comments that MySQL executes, such as /*!80000 … */.
const Space = `(?:\s|--[^\n]*\n|#[^\n]*\n|/\*(?:[^!+*]|\*[^/])*\*/)*`

var rowStatement = lazyregexp.New(`(?i)^` + Space + `[\s(]*` +
	`(?:INSERT|UPDATE|DELETE|REPLACE|WITH|SELECT|VALUES|DO|SET)\b`)

// ChangesOnlyRows reports whether a statement does not change the schema: it and its record
// are one transaction.
func ChangesOnlyRows(statement string) bool { return rowStatement.MatchString(statement) }

// Quote quotes a name with backticks, which both dialects accept.
func Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
