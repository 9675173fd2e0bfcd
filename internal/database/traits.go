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
	// SameJSON is an expression that compares a column with the text of a JSON value.
	SameJSON string
	// EnumOrder is the expression, for the column $, that sorts an enum as text by code point; "" for the column itself.
	EnumOrder string
	// TimeTexts says that the database stores a time as text, and that one time can have several texts.
	TimeTexts bool
	// ClockOrder is the expression, for the column $, that is a time of day as a number of microseconds. It is "" if the
	// column itself sorts as times.
	ClockOrder string
	// ClockExact is the expression, for the column $, to compare a time of day with one that has more fractional digits.
	// It is "" if the comparison does not round.
	ClockExact string
	// ExactDigits is the maximum number of digits of a decimal that the database stores as a number. It stores longer
	// ones as texts. It is 0 if there is no maximum.
	ExactDigits int
	// DecimalOrder is the expression, for the column $, that sorts such texts as numbers: -, the digits with each replaced
	// by a letter from J (for 0) to A, and ~ for a negative number; 0 and the digits for others. The digits are padded to
	// # characters with the point. It is "" if ExactDigits is 0.
	DecimalOrder string
	// DefaultQuery is a query for the SQL of the default of a column; its parameters are the names of the table and the
	// column. It is "" if the word DEFAULT can be a value.
	DefaultQuery string
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
