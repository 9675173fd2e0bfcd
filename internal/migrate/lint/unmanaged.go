package lint

import (
	"context"
	"strings"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"
)

// unmanaged lists the views and triggers of the database in the report, with a finding for
// each pending file that would break one. SQLite is left out: an upgrade puts them back.
func unmanaged(ctx context.Context, e *run.Engine, v run.View) (err error) {
	if v.Conn == nil {
		return nil
	}
	if v.Report.Unmanaged, err = e.Dialect.Objects(ctx, v.Conn); err != nil || e.Dialect.Name != plan.MySQL {
		return err
	}
	for _, m := range v.Report.Pending {
		file := v.Files.List[v.Files.Index(m.Version)]
		statement, o, ok := run.Breaks(file.Statements, v.Report.Unmanaged)
		if !ok {
			continue
		}
		r := rule("SW609")
		before, _, _ := strings.Cut(string(file.Bytes()), strings.TrimSuffix(statement, ";"))
		v.Report.Findings = append(v.Report.Findings, Finding{Code: r.Code, Severity: r.Severity, File: v.Files.Name(file),
			Line: strings.Count(before, "\n") + 1, Title: r.Title, Detail: "The " + o.String() + ": " + r.Why,
			Advice: r.Advice})
	}
	return nil
}
