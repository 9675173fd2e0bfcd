package run

import (
	"fmt"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/migrate"
)

// undoing is how far the way down of a migration has come, on a dialect that
// cannot undo a whole file at once.
type undoing struct {
	// applied is how many statements of the way up had run when undoing began.
	applied int
	// undone is how many statements of the way down have run since.
	undone int
	// sums are the hashes of those, as partialHashes makes them.
	sums []string
}

// undoMark is the first of a row's partial hashes while its migration is being
// undone; the number of statements of the way up follows. The Atlas CLI, which
// has no word for this, compares partial hashes with the file, finds that they
// differ, and refuses to go on: as it should.
const undoMark = "slipway:down "

func isUndoMark(hash string) bool { return strings.HasPrefix(hash, undoMark) }

// undoingOf reads a row; ok is false when its migration is not being undone.
func undoingOf(r *migrate.Revision) (u undoing, ok bool) {
	if len(r.PartialHashes) == 0 || !isUndoMark(r.PartialHashes[0]) {
		return undoing{}, false
	}
	n, err := strconv.Atoi(strings.TrimPrefix(r.PartialHashes[0], undoMark))
	if err != nil || n < 0 {
		n = r.Applied
	}
	return undoing{applied: n, undone: len(r.PartialHashes) - 1, sums: r.PartialHashes[1:]}, true
}

// mark writes it into a row. A row that is being undone never looks whole.
func (u undoing) mark(r *migrate.Revision) {
	r.PartialHashes = append([]string{undoMark + strconv.Itoa(u.applied)}, u.sums...)
	r.Applied = max(0, min(u.applied, r.Total-1))
}

// describe says how far it is, after the name of the migration.
func (u undoing) describe(r *migrate.Revision) string {
	text := fmt.Sprintf("is undone in part (%d statements of its way down ran)", u.undone)
	if r.Error != "" {
		text += ": " + r.Error
	}
	return text
}

// changed says whether what ran of a way down is still what the file says.
func (u undoing) changed(way plan.Down) string {
	sums := partialHashes(way.Statements)
	for i, sum := range u.sums {
		if i >= len(sums) || sums[i] != sum {
			return fmt.Sprintf("is undone in part, and statement %d of its way down, which ran, has been changed since: restore it", i+1)
		}
	}
	return ""
}
