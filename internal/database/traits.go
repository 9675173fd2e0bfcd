package database

// Traits are the differences between the statements for the dialects.
type Traits struct {
	// SplitKeyset says that the planner uses an index for (k = v AND id < i) and for k < v, but not for both combined with
	// OR. Then a page of a keyset must be read as a UNION ALL of the two.
	SplitKeyset bool
	// SortHint is the hint after SELECT in a query that sorts by long texts; "" for none.
	SortHint string

	// SameText is an expression that compares a column with a text by character, independent of the column's collation.
	SameText string
	// RowValues is the word before the list of row values in (a, b) IN (…), or "".
	RowValues string
	// MaxStatementQuery is a query for the maximum number of bytes of a statement; "" if there is no limit. The server
	// closes the connection for a longer statement, without an error message in some cases.
	MaxStatementQuery string

	// KeysByStatement says that foreign keys are checked at the end of a statement, instead of for each row.
	KeysByStatement bool

	// LastID says that the driver reports the last id of an INSERT of several rows, instead of the first.
	LastID bool
	// IDGuard is an expression for the id of the first row of such an INSERT. Its parameter is the expected step between
	// ids. If the step of the session is equal, it is NULL, so that the server generates the id. Otherwise it fails with
	// an error of kind [IDStep]. It is "" if the step is always 1.
	IDGuard string
	// IDStepQuery is a query for the step of the session.
	IDStepQuery string
}
