package database

// Traits are where a dialect needs other statements than another one.
type Traits struct {
	// SplitKeyset says that the planner finds its way through an index for
	// (k = v AND id < i) and for k < v, each alone, and not for both joined by OR:
	// a page of a keyset is then to be read as a UNION ALL of the two.
	SplitKeyset bool
	// SortHint is what a SELECT that sorts by long texts has after its first word; "" for nothing.
	SortHint string

	// SameText compares a column with a text character by character, whatever the column's collation takes for equal.
	SameText string
	// MaxStatementQuery returns how many bytes a statement may have: the server ends the connection over a longer one,
	// and may do so without a word. "" where there is no such limit.
	MaxStatementQuery string

	// LastID says that, of an INSERT of several rows, the driver reports the last id, and not the first.
	LastID bool
	// IDGuard is an expression for the id of the first row of such an INSERT. Its parameter is a step: it is NULL, for an
	// id of the server's, where that is the step between the ids of the rows, and fails with an error of kind [IDStep]
	// where it is not. It is "" where the step is always 1.
	IDGuard string
	// IDStepQuery returns the step of the session that it is sent in.
	IDStepQuery string
}
