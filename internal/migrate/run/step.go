package run

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// step is a file to apply or to undo.
type step struct {
	plan.File
	// revision is the row of the file; nil if none of its statements is applied.
	revision *migrate.Revision
	// down is true for a downgrade.
	down bool
	// statements are the up statements of the file or, if down is true, its down statements.
	statements []string
	// ran is how many of the statements have run.
	ran int
	// sums are the partial hashes of the statements; nil until they are needed.
	sums []string
	// applied is how many up statements had run when the downgrade started.
	applied int
	// to is the version that is live after the step.
	to string
}

// upStep returns the step that applies the statements that a row does not record; r is nil
// if no statement is applied.
func upStep(f plan.File, r *migrate.Revision) step {
	s := step{File: f, revision: r, statements: f.Statements, to: f.Version()}
	if r != nil {
		s.ran = r.Applied
	}
	return s
}

// left returns the statements that have not run. An edited file may have fewer statements
// than have run.
func (s step) left() []string { return s.statements[min(s.ran, len(s.statements)):] }

// describe returns the step for a report.
func (s step) describe() Migration {
	return Migration{Version: s.Version(), Description: s.Desc(), Statements: len(s.left()), SQL: s.left()}
}

func describeSteps(steps []step) []Migration {
	list := []Migration{}
	for _, s := range steps {
		list = append(list, s.describe())
	}
	return list
}

// changed returns the reason why a partly applied, or partly undone, migration cannot be
// continued: a statement that ran was edited since. "" means that it can be continued.
// Statements that have not run may have been edited.
func (s step) changed() string {
	did, kind, recorded := "applied", "up", s.revision.PartialHashes
	if s.down {
		did, kind = "undone", "down"
		_, recorded, _ = rollbackOf(s.revision)
	}
	sums := partialHashes(s.statements)
	for i := range s.ran {
		if i >= len(sums) {
			return fmt.Sprintf("is partly %s (%d of %d statements), but its file now has only %d %s statements: "+
				"restore the file, or accept the edit with `db repair`", did, s.ran, s.revision.Total, len(s.statements), kind)
		}
		if i >= len(recorded) || sums[i] != recorded[i] {
			return fmt.Sprintf("is partly %s, and its %s statement %d was edited after it ran: "+
				"restore the statement, or accept the edit with `db repair`", did, kind, i+1)
		}
	}
	return ""
}

// record sets the row of the step: the first ran statements have run. While a migration is
// being undone, Applied is less than Total.
func (s *step) record(ran int) {
	r := s.revision
	s.ran = ran
	if s.sums == nil {
		s.sums = partialHashes(s.statements)
	}
	switch {
	case s.down:
		r.PartialHashes = append([]string{rollbackMarker + strconv.Itoa(s.applied)}, s.sums[:ran]...)
		r.Applied = max(0, min(s.applied, r.Total-1))
	case ran == r.Total:
		r.Applied, r.PartialHashes = ran, nil
	default:
		r.Applied, r.PartialHashes = ran, s.sums[:ran]
	}
}

// rollbackMarker starts the first partial hash of a row while its migration is being undone.
// The number of up statements that had run follows it. The Atlas CLI compares partial hashes
// with the file, so it rejects such a row and does not continue the migration.
const rollbackMarker = "slipway:down "

// rollbackOf returns the progress of a migration that is being undone: how many up
// statements had run when the downgrade started, and the partial hashes of the down
// statements that have run. ok is false if the migration is not being undone.
func rollbackOf(r *migrate.Revision) (applied int, sums []string, ok bool) {
	if len(r.PartialHashes) == 0 {
		return 0, nil, false
	}
	text, ok := strings.CutPrefix(r.PartialHashes[0], rollbackMarker)
	applied, err := strconv.Atoi(text)
	if err != nil || applied < 0 {
		applied = r.Applied
	}
	return applied, r.PartialHashes[1:], ok
}

// inRollback reports whether a migration is being undone.
func inRollback(r *migrate.Revision) bool {
	_, _, ok := rollbackOf(r)
	return ok
}

// partialHashes returns Atlas's partial hashes: the n-th covers the first n statements.
func partialHashes(statements []string) []string {
	sums := make([]string, len(statements))
	h := sha256.New()
	for i, s := range statements {
		h.Write([]byte(s))
		sums[i] = "h1:" + base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	return sums
}

// planHash returns the hash of steps: SHA-256 in hex over each version and each of its
// statements, with a NUL byte after each. It covers the statements of a partly applied file
// that have run, so that an interrupted upgrade has the same hash when it is run again. It is
// "" for no steps.
func planHash(steps []step) string {
	if len(steps) == 0 {
		return ""
	}
	h := sha256.New()
	for _, s := range steps {
		if s.down {
			h.Write([]byte("down "))
		}
		h.Write([]byte(s.Version() + "\x00"))
		for _, statement := range s.statements {
			h.Write([]byte(statement + "\x00"))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// checkPlan returns an error if the hash of the pending steps is not the wanted one.
func checkPlan(wanted, plan string) error {
	if wanted != "" && plan != "" && wanted != plan {
		return fmt.Errorf("the pending migrations do not match the plan: the hash of the plan is %s, the hash of the "+
			"pending migrations is %s; create and review a new plan", wanted, plan)
	}
	return nil
}
