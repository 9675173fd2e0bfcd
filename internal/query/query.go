// Package query parses the parameters of a URL into a typed query. A query contains only
// the fields and relations of a [Table]; values from the URL stay values and never become
// SQL.
//
// It has no side effects and may import the standard library only.
package query

// Type is the type of a field's values.
type Type int

// The types of fields.
const (
	Text Type = iota
	Integer
	Number
	Boolean
	Time
	// Other is a type that [Field.Parse] defines.
	Other
)

// Field is a column that clients can filter by, sort by and select.
type Field struct {
	Name     string
	Type     Type
	Nullable bool
	// Choices are the only values of a [Text], except for like, starts and contains; nil
	// for any text.
	Choices []string
	// Parse parses a value of type [Other]. For an invalid text it returns a code of
	// [Problem] and a predicate ("must be …"). Required for this type.
	Parse func(text string) (value any, code, predicate string)
	// Operators are the operators of the field; nil for those of its type.
	Operators []Op
	// ZeroDates says that a key of the field in a cursor can be a [ZeroDate].
	ZeroDates bool
	// Unsorted says that the field cannot be in sort.
	Unsorted bool
}

// Table has the names that parameters may use.
type Table struct {
	// Name is the name of the table. A cursor is valid for one table only.
	Name   string
	Fields []Field
	// Key are the names of the fields that make an order total: those of the primary key, in its
	// order. None of them is nullable if there is a primary key.
	Key []string
	// NoKey means that there is no primary key. A list then has no cursor: without a page, it is
	// page 1.
	NoKey bool
	// Includes are the relations that can be included.
	Includes []string
}

// Op is the operator of a filter.
type Op string

// The operators. Like, Starts and Contains are for text only, unless a field has operators
// of its own.
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
	// Like matches a pattern with % and _. There is no escape character.
	Like Op = "like"
	// Starts and Contains match their text literally.
	Starts   Op = "starts"
	Contains Op = "contains"
)

// Filter is one condition.
type Filter struct {
	Field string
	Op    Op
	// Values have the field's type: string, int64, float64, bool, time.Time, or what
	// [Field.Parse] returns. In and NotIn have 1 to MaxIn values, Null has one bool, all others one value.
	Values []any
}

// Order is one key to sort by.
type Order struct {
	Field string
	Desc  bool
}

// List is the query for a list of rows.
type List struct {
	// Filters are combined with AND. They are sorted by the names of the parameters.
	Filters []Filter
	// Sort contains the key, which makes the order total.
	Sort []Order
	// Page is the page number, from 1, or 0 in keyset mode.
	Page int
	// PerPage is 1 to MaxPerPage.
	PerPage int
	// Count requests the number of rows on all pages. It is always true in page mode.
	Count bool
	// Fields are the members to return, in the table's order; nil for all.
	Fields []string
	// Include are the relations to include, in the table's order.
	Include []string
	// After has one key for each field of Sort: the list starts after the row with these
	// keys. It is nil if the list starts at the first row.
	//
	// A key is nil for NULL, a value of the field's type, or a [Prefix] for a text that is
	// too long for a cursor. A field of the table's Key is never a Prefix. Instead of a Prefix,
	// compare with the current value of the row with this key, if it still has the Prefix;
	// otherwise, and if the row is deleted, compare with the Prefix.
	After []any
}

// Offset returns the number of rows before the page.
func (l List) Offset() int { return (max(l.Page, 1) - 1) * l.PerPage }

// Bulk selects the rows of a bulk write.
type Bulk struct {
	// Filters are combined with AND. They can be empty only if All is true.
	Filters []Filter
	// All allows the request to have no filter. It does not disable filters.
	All bool
	// MaxAffected is the maximum number of rows that match; -1 for no limit.
	MaxAffected int64
	// DryRun requests the number of rows without a change.
	DryRun bool
}

// One is the query for a single row.
type One struct {
	// Fields and Include are as in a [List].
	Fields, Include []string
}

// Limits and defaults.
const (
	DefaultPerPage = 20
	MaxPerPage     = 1000
	// MaxIn is the maximum number of values of in and nin.
	MaxIn = 1000
	// MaxPattern is the maximum number of characters of like, starts and contains. SQLite
	// limits the length of patterns.
	MaxPattern = 1000
	// MaxSort is the maximum number of fields in sort, so that a cursor can hold all keys.
	MaxSort = 32

	// maxPage keeps the offset within an int64 on both dialects.
	maxPage = 1_000_000_000
	// maxParams is the maximum number of parameters, and of problems in an error.
	maxParams = 1000
)

// ParseList parses the query of a URL, without the ?, for a list of rows. The error is an
// *[Error].
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

// ParseBulk parses the query of a bulk write: filters, all, max_affected and dry_run. It
// checks the other parameters of a list and ignores them, except for page, per_page and
// cursor, which it refuses. The error is an *[Error].
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

// ParseOne parses the query for a single row. The error is an *[Error].
func (t *Table) ParseOne(rawQuery string) (One, error) {
	p := parser{table: t, kind: one}
	p.read(rawQuery)
	if err := p.err(); err != nil {
		return One{}, err
	}
	return One{p.list.Fields, p.list.Include}, nil
}

// ParseNone returns an *[Error] if the query of a request has parameters.
func ParseNone(rawQuery string) error {
	p := parser{kind: none}
	p.read(rawQuery)
	return p.err()
}
