package plan

import (
	"fmt"
	"regexp"
	"strings"

	"ariga.io/atlas/sql/migrate"
)

// DownMarker begins the way down, at the end of a file. Everything from here on
// is SQL comments: Atlas never runs it, and its checksum covers it.
const DownMarker = "-- slipway:down"

// irreversible follows the marker in a file that cannot be undone, with the
// reason after it.
const irreversible = "irreversible:"

// Down is the way down as a file states it.
type Down struct {
	// Statements undo the file, in this order.
	Statements []string
	// Irreversible is why the file cannot be undone; "" when it can.
	Irreversible string
}

// formatFile writes a migration file. A way down that cannot be planned is
// given as its reason.
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

// formatDown writes the section with the way down.
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

// ParseDown reads the way down of a file. ok is false when the file states none,
// as those written by the Atlas CLI do. Any text is taken; the error says what
// is in a way down that is neither a comment nor empty.
func (d Dialect) ParseDown(text string) (way Down, ok bool, err error) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	start := -1
	for i, line := range lines {
		// The last marker counts: an earlier one can only be part of a statement.
		if rest, found := strings.CutPrefix(line, DownMarker); found && (rest == "" || rest[0] == ' ') {
			start = i
			way.Irreversible = strings.TrimSpace(rest)
		}
	}
	if start < 0 {
		return Down{}, false, nil
	}
	if way.Irreversible != "" {
		reason, found := strings.CutPrefix(way.Irreversible, irreversible)
		if reason = strings.TrimSpace(reason); !found || reason == "" {
			return Down{}, true,
				fmt.Errorf("line %d: write %q, or %q with the reason", start+1, DownMarker, DownMarker+" "+irreversible)
		}
		way.Irreversible = reason
	}
	var sql strings.Builder
	for i, line := range lines[start+1:] {
		rest, found := strings.CutPrefix(line, "--")
		if !found && strings.TrimSpace(line) != "" {
			return Down{}, true,
				fmt.Errorf("line %d: write the way down as SQL comments: each line starts with \"-- \"", start+i+2)
		}
		sql.WriteString(strings.TrimPrefix(rest, " ") + "\n")
	}
	if way.Irreversible != "" {
		return way, true, nil
	}
	statements, err := d.Scan(sql.String())
	if err != nil {
		return Down{}, true, fmt.Errorf("the way down from line %d: %w", start+1, err)
	}
	for _, s := range statements {
		way.Statements = append(way.Statements, s.Text)
	}
	return way, true, nil
}

// ChangesRows recognises a statement whose effect no schema shows.
var ChangesRows = regexp.MustCompile(`(?i)^\s*(insert|update|delete|replace|truncate|call|load)\b`)

// Headline is the beginning of a statement, on one line.
func Headline(statement string) string {
	const width = 80
	text := []rune(strings.Join(strings.Fields(statement), " "))
	if len(text) <= width {
		return string(text)
	}
	return string(text[:width-1]) + "…"
}
