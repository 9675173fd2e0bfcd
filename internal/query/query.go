// Package query is the grammar of the parameters in a URL: it turns them into a
// typed query that names only what it was told of. Values stay values; nothing
// of a URL becomes SQL.
//
// It is pure, and imports no other package.
package query

// Type is how the text of a parameter is read.
type Type int

// The types of fields.
const (
	Text Type = iota
	Integer
	Number
	Boolean
	Time
)

// Field is a column that may be filtered by, sorted by and shown.
type Field struct {
	Name     string
	Type     Type
	Nullable bool
}

// Table is what the parameters of a request may name.
type Table struct {
	// Name is what a cursor is bound to.
	Name string
	// Fields have an id among them, an [Integer] that is not null.
	Fields []Field
	// Includes are the relations that can be inlined.
	Includes []string
}

// Op is how a filter compares.
type Op string

// The operators. The last three are for text only.
const (
	Eq    Op = "eq"
	Ne    Op = "ne"
	Gt    Op = "gt"
	Gte   Op = "gte"
	Lt    Op = "lt"
	Lte   Op = "lte"
	In    Op = "in"
	NotIn Op = "nin"
	Null  Op = "null"
	// Like takes % and _, and knows no escape character.
	Like Op = "like"
	// Starts and Contains take their text literally.
	Starts   Op = "starts"
	Contains Op = "contains"
)

// Filter is one condition.
type Filter struct {
	Field string
	Op    Op
	// Values are of the field's type: string, int64, float64, bool or time.Time.
	// There is one; of In and NotIn, 1 to MaxIn; of Null, one bool.
	Values []any
}

// Order is one key to sort by.
type Order struct {
	Field string
	Desc  bool
}

// List says which rows of a table are asked for, in which order, and what of
// them is to be shown.
type List struct {
	// Filters all hold, in the order of the parameters' names.
	Filters []Filter
	// Sort ends with id, so that no two rows tie.
	Sort []Order
	// Page counts from 1; 0 when no page was asked for, which is keyset mode.
	Page int
	// PerPage is 1 to MaxPerPage.
	PerPage int
	// Count says that the number of all rows is wanted too: always in page mode,
	// and in keyset mode when asked for.
	Count bool
	// Fields are the members to show, in the table's order; nil for all.
	Fields []string
	// Include are the relations to inline, in the table's order.
	Include []string
	// After has a key for each of Sort: where the row stands behind which the
	// list goes on. It is nil for a list from the start.
	//
	// A key is nil for NULL, else a value of the field's type, or a [Prefix] where
	// the text was too long for a cursor. The last one, the id, is always whole.
	// Whoever reads the list compares a Prefix as the value that the row with that
	// id has now and, when the row is gone or has another value, as the Prefix.
	After []any
}

// Offset is how many rows stand before the page.
func (l List) Offset() int { return (max(l.Page, 1) - 1) * l.PerPage }

// Bulk says which rows of a table a write concerns.
type Bulk struct {
	// Filters all hold; there are none only when All was asked for.
	Filters []Filter
	// All lifts the demand for a filter. Filters that are there hold all the same.
	All bool
	// MaxAffected is the most rows that may be concerned; -1 for no limit.
	MaxAffected int64
	// DryRun asks for the number only.
	DryRun bool
}

// One says what is to be shown of a single row.
type One struct {
	// Fields and Include are as in a [List].
	Fields, Include []string
}

// The ranges of what is asked for, and per_page unless told.
const (
	DefaultPerPage = 20
	MaxPerPage     = 1000
	// MaxIn is how many values in and nin may have.
	MaxIn = 1000
	// MaxPattern is how many characters like, starts and contains may have;
	// SQLite bounds patterns.
	MaxPattern = 1000
	// MaxSort is how many fields sort may name, so that a cursor has room for
	// the keys of all.
	MaxSort = 32

	// maxPage keeps the offset within an int64 on both dialects.
	maxPage = 1_000_000_000
	// maxParams is how many parameters a request may have, and how many problems
	// its error may name.
	maxParams = 1000
)

// ParseList reads the query of a URL, as it stands behind the ?, as a list.
// Every error is an *[Error].
func (t *Table) ParseList(rawQuery string) (List, error) {
	p := parser{table: t, kind: list, list: List{PerPage: DefaultPerPage}}
	if p.read(rawQuery) {
		p.finishList()
	}
	if err := p.err(); err != nil {
		return List{}, err
	}
	return p.list, nil
}

// ParseBulk reads the query of a write to many rows: the filters of a list, and
// the guards of the write. What else a list takes is checked, and changes
// nothing; what would cut the list to a part of its rows is refused.
func (t *Table) ParseBulk(rawQuery string) (Bulk, error) {
	p := parser{table: t, kind: bulk, list: List{PerPage: DefaultPerPage}, bulk: Bulk{MaxAffected: -1}}
	if p.read(rawQuery) {
		p.finishList()
		p.finishBulk()
	}
	if err := p.err(); err != nil {
		return Bulk{}, err
	}
	p.bulk.Filters = p.list.Filters
	return p.bulk, nil
}

// ParseOne reads the query of a request for a single row.
func (t *Table) ParseOne(rawQuery string) (One, error) {
	p := parser{table: t, kind: one}
	p.read(rawQuery)
	if err := p.err(); err != nil {
		return One{}, err
	}
	return One{p.list.Fields, p.list.Include}, nil
}

// ParseNone reads the query of a request that takes no parameters.
func ParseNone(rawQuery string) error {
	p := parser{kind: none}
	p.read(rawQuery)
	return p.err()
}
