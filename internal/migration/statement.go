package migration

import "regexp"

// space is what may stand before a word of a statement: blanks and comments, but not
// those that MySQL runs, as in /*!80000 … */.
const space = `(?:\s|--[^\n]*\n|#[^\n]*\n|/\*(?:[^!+*]|\*[^/])*\*/)*`

var rowStatement = regexp.MustCompile(`(?i)^` + space + `[\s(]*` +
	`(?:INSERT|UPDATE|DELETE|REPLACE|WITH|SELECT|VALUES|DO|SET)\b`)

// changesOnlyRows says that a statement changes no schema: it and its record are one
// transaction.
func changesOnlyRows(statement string) bool { return rowStatement.MatchString(statement) }
