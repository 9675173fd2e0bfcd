package plan

import (
	"regexp"
	"strings"
)

// Space is what may stand before a word of a statement: blanks and comments, but not
// those that MySQL runs, as in /*!80000 … */.
const Space = `(?:\s|--[^\n]*\n|#[^\n]*\n|/\*(?:[^!+*]|\*[^/])*\*/)*`

var rowStatement = regexp.MustCompile(`(?i)^` + Space + `[\s(]*` +
	`(?:INSERT|UPDATE|DELETE|REPLACE|WITH|SELECT|VALUES|DO|SET)\b`)

// ChangesOnlyRows says that a statement changes no schema: it and its record are one
// transaction.
func ChangesOnlyRows(statement string) bool { return rowStatement.MatchString(statement) }

// Quote quotes a name; both dialects take backticks.
func Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
