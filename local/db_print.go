package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
)

func printJSON(out io.Writer, report run.Report) error { return encodeJSON(out, report) }

// encodeJSON prints a value as JSON, indented.
func encodeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// progress returns a function that prints each statement when it starts, and its time
// on the same line when it ends.
func (t *target) progress(out io.Writer) func(run.Progress) {
	file := ""
	return func(p run.Progress) {
		if p.Stage == run.Running && file != p.Version {
			file = p.Version
			fmt.Fprintf(out, "  %s %s\n", p.Version, p.Description)
		}
		switch p.Stage {
		case run.Waiting:
			reason := "another migration is running on this database"
			if t.dialect == plan.SQLite {
				reason = "another program has locked " + t.address()
			}
			fmt.Fprintf(out, "waiting up to %v: %s\n", p.Limit, reason)
		case run.Running:
			fmt.Fprintf(out, "    %d/%d %s ", p.Index, p.Total, headline(p.Statement))
		case run.LockConflict:
			fmt.Fprintf(out, "\n    blocked by a lock for %s: retrying ", round(p.Took))
		case run.Ran:
			fmt.Fprintln(out, round(p.Took))
		case run.Skipped:
			fmt.Fprintln(out, "skipped: this change is already made")
		case run.Applied:
			fmt.Fprintf(out, "✓ %s %s, %s\n", p.Version, p.Description, round(p.Took))
		case run.Undone:
			fmt.Fprintf(out, "↩ %s %s, %s\n", p.Version, p.Description, round(p.Took))
		}
	}
}

// printFailed prints what the error line does not contain: the statement, and the
// version of the database.
func printFailed(out io.Writer, report run.Report) {
	fmt.Fprintf(out, "\n✗ %s\n", report.Failed.Version)
	for line := range strings.Lines(report.Failed.Statement) {
		fmt.Fprintf(out, "    %s\n", strings.TrimRight(line, "\n"))
	}
	rest := "the statements that ran are recorded: run the command again to continue"
	if report.Dialect == plan.SQLite {
		done := map[string]string{"upgrade": "applied", "downgrade": "undone"}[report.Command]
		rest = "no statement of " + report.Failed.Version + " was " + done
	}
	fmt.Fprintf(out, "the database is at %s; %s\n", versionName(report.To), rest)
}

func printStatus(out io.Writer, address string, report run.Report) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "database\t%s\n", address)
	fmt.Fprintf(w, "version\t%s\n", versionName(report.From))
	pending := "none"
	if len(report.Pending) > 0 {
		pending = fmt.Sprintf("%d, to %s", len(report.Pending), report.To)
	}
	fmt.Fprintf(w, "pending\t%s\n", pending)
	// Files that do not match are an error, so there is no report of them.
	fmt.Fprintf(w, "checksums\tmatch\n")
	if f := report.Failed; f != nil {
		fmt.Fprintf(w, "problem\t%s\n", strings.Join(strings.Fields(f.Error), " "))
		if f.Statement != "" {
			fmt.Fprintf(w, "\tin %s: %s\n", f.Version, headline(f.Statement))
		}
	}
	_ = w.Flush() // a later write to out returns the same error
	fmt.Fprintln(out)
	printList(out, report)
}

func printList(out io.Writer, report run.Report) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, m := range report.Applied {
		fmt.Fprintf(w, "✓ %s\t%s\tapplied\n", m.Version, m.Description)
	}
	for i, m := range report.Pending {
		if i == 0 && report.Incomplete {
			fmt.Fprintf(w, "! %s\t%s\tapplied in part, %s left\n", m.Version, m.Description, count(m.Statements, "statement"))
			continue
		}
		fmt.Fprintf(w, "· %s\t%s\tpending, %s\n", m.Version, m.Description, count(m.Statements, "statement"))
	}
	_ = w.Flush()
	if len(report.Applied)+len(report.Pending) == 0 {
		fmt.Fprintln(out, "no migrations")
	}
}

func printCurrent(out io.Writer, report run.Report) {
	fmt.Fprintln(out, versionName(report.From))
}

// took returns the duration of a command.
func took(report run.Report) time.Duration {
	return round(time.Duration(report.DurationMS) * time.Millisecond)
}

func versionName(version string) string {
	if version == "" {
		return "no version"
	}
	return version
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// headline returns a statement on one line, truncated to 70 characters.
func headline(statement string) string {
	const width = 70
	text := []rune(strings.Join(strings.Fields(statement), " "))
	if len(text) <= width {
		return string(text)
	}
	return string(text[:width-1]) + "…"
}

func round(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(10 * time.Microsecond)
}
