package plan

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/migrate"

	"slipway/internal/migrate/lazyregexp"
)

// DownMarker starts the down statements, at the end of a file. They are SQL comments: Atlas
// does not run them, and its checksum covers them.
const DownMarker = "-- slipway:down"

// irreversible follows the marker in a file that cannot be undone. The reason follows it.
const irreversible = "irreversible:"

// Down contains the down statements of a file.
type Down struct {
	// Statements undo the file, in this order.
	Statements []string
	// Irreversible is the reason why the file cannot be undone; "" if it can.
	Irreversible string
}

// formatFile returns the text of a migration file. reason is the reason why the file cannot
// be undone; "" if it can.
func formatFile(up, back []*migrate.Change, reason string) string {
	var b strings.Builder
	for _, c := range up {
		if c.Comment != "" {
			fmt.Fprintf(&b, "-- %s%s\n", strings.ToUpper(c.Comment[:1]), c.Comment[1:])
		}
		fmt.Fprintf(&b, "%s;\n", c.Cmd)
	}
	b.WriteString("\n" + formatDown(back, reason))
	return b.String()
}

// formatDown returns the down section of a file.
func formatDown(back []*migrate.Change, reason string) string {
	var b strings.Builder
	b.WriteString(DownMarker)
	if reason != "" {
		fmt.Fprintf(&b, " %s %s\n", irreversible, strings.Join(strings.Fields(reason), " "))
		return b.String()
	}
	b.WriteString("\n")
	for _, c := range back {
		if c.Comment != "" && isData(c) {
			fmt.Fprintf(&b, "-- -- %s%s\n", strings.ToUpper(c.Comment[:1]), c.Comment[1:])
		}
		for line := range strings.SplitSeq(c.Cmd+";", "\n") {
			if line != "" {
				line = " " + line
			}
			b.WriteString("--" + line + "\n")
		}
	}
	return b.String()
}

// ParseDown parses the down statements of a file. ok is false if the file has no down
// section, such as a file of the Atlas CLI. It returns an error that names a line of the
// section that is neither a comment nor empty, or an invalid statement.
func (d Dialect) ParseDown(text string) (down Down, ok bool, err error) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	start := -1
	for i, line := range lines {
		// The last marker counts: an earlier one can only be part of a statement.
		if rest, found := strings.CutPrefix(line, DownMarker); found && (rest == "" || rest[0] == ' ') {
			start = i
			down.Irreversible = strings.TrimSpace(rest)
		}
	}
	if start < 0 {
		return Down{}, false, nil
	}
	if down.Irreversible != "" {
		reason, found := strings.CutPrefix(down.Irreversible, irreversible)
		if reason = strings.TrimSpace(reason); !found || reason == "" {
			return Down{}, true,
				fmt.Errorf("line %d: write %q, or %q with the reason", start+1, DownMarker, DownMarker+" "+irreversible)
		}
		down.Irreversible = reason
	}
	var sql strings.Builder
	for i, line := range lines[start+1:] {
		rest, found := strings.CutPrefix(line, "--")
		if !found && strings.TrimSpace(line) != "" {
			return Down{}, true,
				fmt.Errorf("line %d: write the down statements as SQL comments: each line must start with \"-- \"", start+i+2)
		}
		sql.WriteString(strings.TrimPrefix(rest, " ") + "\n")
	}
	if down.Irreversible != "" {
		return down, true, nil
	}
	statements, err := d.Scan(sql.String())
	if err != nil {
		return Down{}, true, fmt.Errorf("down statements from line %d: %w", start+1, err)
	}
	for _, s := range statements {
		down.Statements = append(down.Statements, s.Text)
	}
	return down, true, nil
}

// ChangesRows matches a statement that changes rows, which a comparison of schemas does not
// show.
var ChangesRows = lazyregexp.New(`(?i)^\s*(insert|update|delete|replace|truncate|call|load)\b`)

// Headline returns the first 80 characters of a statement, on one line.
func Headline(statement string) string {
	const width = 80
	text := []rune(strings.Join(strings.Fields(statement), " "))
	if len(text) <= width {
		return string(text)
	}
	return string(text[:width-1]) + "…"
}
