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

// step is a file that is still to be applied, or to be undone.
type step struct {
	plan.File
	// revision is the row of the file; nil where nothing of it is applied.
	revision *migrate.Revision
	// way are the statements to run, those of the file or, with down, of its way down; ran is
	// how many of them have run.
	way  []string
	ran  int
	down bool
	// sums are the hashes of the way, made when they are needed.
	sums []string
	// applied is how many statements of the file had run when undoing began.
	applied int
	// to is the version that is live after the step.
	to string
}

// upStep is the step that applies what a row has not got of a file.
func upStep(f plan.File, r *migrate.Revision) step {
	s := step{File: f, revision: r, way: f.Statements, to: f.Version()}
	if r != nil {
		s.ran = r.Applied
	}
	return s
}

// left is the statements that are still to be run. A file that was begun may be
// shorter now than what ran of it.
func (s step) left() []string { return s.way[min(s.ran, len(s.way)):] }

// describe describes a step for a report.
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

// changed says whether what ran of a migration that was applied, or undone, in part is
// still what its file begins with. What has not run yet may be another.
func (s step) changed() string {
	did, where, recorded := "applied", "its file", s.revision.PartialHashes
	if s.down {
		did, where = "undone", "its way down"
		_, recorded, _ = undoingOf(s.revision)
	}
	sums := partialHashes(s.way)
	for i := range s.ran {
		if i >= len(sums) {
			return fmt.Sprintf("is %s in part (%d of %d statements), and %s has %d statements now: "+
				"restore the file, or accept it with `db repair`", did, s.ran, s.revision.Total, where, len(s.way))
		}
		if i >= len(recorded) || sums[i] != recorded[i] {
			return fmt.Sprintf("is %s in part, and statement %d of %s, which ran, has been changed since: "+
				"restore it, or accept it with `db repair`", did, i+1, where)
		}
	}
	return ""
}

// record writes into the row of the step that a number of its statements have run. A row
// that is being undone never looks whole.
func (s *step) record(ran int) {
	r := s.revision
	s.ran = ran
	if s.sums == nil {
		s.sums = partialHashes(s.way)
	}
	switch {
	case s.down:
		r.PartialHashes = append([]string{undoMark + strconv.Itoa(s.applied)}, s.sums[:ran]...)
		r.Applied = max(0, min(s.applied, r.Total-1))
	case ran == r.Total:
		r.Applied, r.PartialHashes = ran, nil
	default:
		r.Applied, r.PartialHashes = ran, s.sums[:ran]
	}
}

// undoMark is the first of a row's partial hashes while its migration is being
// undone; the number of statements of the way up follows. The Atlas CLI, which
// has no word for this, compares partial hashes with the file, finds that they
// differ, and refuses to go on: as it should.
const undoMark = "slipway:down "

// undoingOf reads how far the way down of a migration has come: how many statements of
// the way up had run when undoing began, and the hashes of those of the way down that have
// run since, as partialHashes makes them. ok is false when it is not being undone.
func undoingOf(r *migrate.Revision) (applied int, sums []string, ok bool) {
	if len(r.PartialHashes) == 0 {
		return 0, nil, false
	}
	text, ok := strings.CutPrefix(r.PartialHashes[0], undoMark)
	applied, err := strconv.Atoi(text)
	if err != nil || applied < 0 {
		applied = r.Applied
	}
	return applied, r.PartialHashes[1:], ok
}

func isBeingUndone(r *migrate.Revision) bool {
	_, _, ok := undoingOf(r)
	return ok
}

// partialHashes are Atlas's: the n-th covers the first n statements.
func partialHashes(statements []string) []string {
	sums := make([]string, len(statements))
	h := sha256.New()
	for i, s := range statements {
		h.Write([]byte(s))
		sums[i] = "h1:" + base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	return sums
}

// planHash is the hash of what steps would run: sha256 in hex, over each version and
// each of its statements, a NUL byte after each. A file that was begun counts
// whole, so that a plan still holds when the upgrade it allowed is run again. It
// is "" for no steps.
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
		for _, statement := range s.way {
			h.Write([]byte(statement + "\x00"))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// keepsTo compares a plan with what was asked for.
func keepsTo(wanted, plan string) error {
	if wanted != "" && plan != "" && wanted != plan {
		return fmt.Errorf("the pending migrations differ from the plan: the plan is %s, pending is %s", wanted, plan)
	}
	return nil
}
