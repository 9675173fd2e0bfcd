package run

import (
	"fmt"
	"io/fs"
	"regexp"
	"time"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// PlanFrom is [Engine.Plan] without a database: the statements that lead from a
// version to another ("" for the last one), and their hash, the one that an upgrade
// of a database at that version takes as [Upgrade.Plan]. So a pipeline that knows
// only which version is live can show what a deployment will run.
//
// from is what [Report.From] says of a live database: a version, or "" where nothing
// is applied yet; [Base] is the same as "". A version later than all files has
// nothing pending, as on a database that a newer build has migrated. Of a file that
// is applied in part the report has all statements; the hash is the same either way.
//
// The error says that there is no such dialect, that the files cannot be read or do
// not match atlas.sum, or that a version has no file.
func PlanFrom(dialect string, migrations fs.FS, from, to string) (Report, error) {
	started := time.Now()
	report := &Report{Command: "plan", Dialect: dialect, Applied: []Migration{}, Pending: []Migration{}, showSQL: true}
	folder, err := fs.Sub(migrations, dialect)
	if err != nil {
		return report.finish(started, err)
	}
	files, err := readFiles(dialect, folder)
	if err != nil {
		return report.finish(started, fmt.Errorf("migrations for %s: %w", dialect, err))
	}
	return report.finish(started, report.planFrom(files, from, to))
}

// planFrom makes of the files up to a version the rows that a database would have,
// and lets the engine's own eyes look at them: offline and online cannot differ.
func (r *Report) planFrom(files plan.Files, from, to string) error {
	if from == Base {
		from = ""
	}
	if from != "" && !files.Has(from) && !(digits.MatchString(from) && from > files.Last()) {
		return fmt.Errorf("no migration has version %q: name the one that is live, or %s for a database without any", from, Base)
	}
	var rows []*migrate.Revision
	for _, s := range files.List {
		if s.Version() <= from {
			rows = append(rows, appliedRow(s.Version(), s.Desc(), len(s.Statements)))
		}
	}
	if from != "" && !files.Has(from) {
		rows = append(rows, appliedRow(from, "", 0))
	}
	st := compareRows(files, rows)
	r.describe(st, to)
	r.Applied = append(r.Applied, st.applied...)
	return st.allow(Upgrade{To: to})
}

// digits are what versions that this package writes are made of.
var digits = regexp.MustCompile(`^[0-9]+$`)

// appliedRow is the row of a file that is applied whole.
func appliedRow(version, description string, statements int) *migrate.Revision {
	return &migrate.Revision{
		Version: version, Description: description, Type: migrate.RevisionTypeExecute,
		Applied: statements, Total: statements,
	}
}
