package resource

import (
	"strings"
	"time"
)

// The [Field.Default] of columns whose default the store sets, not the decoder: see [Rows.Omitted].
var (
	// Now is the time of the request.
	Now = now{}
	// ByDatabase is an expression that only the database can evaluate.
	ByDatabase = byDatabase{}
)

type (
	now        struct{}
	byDatabase struct{}
)

// isLate reports whether the store sets the default.
func (f *Field) isLate() bool { return f.Default == any(Now) || f.Default == any(ByDatabase) }

// At returns a time as a value of the field: a time, a date or a time of the day, in UTC and with the digits of the
// column.
func (f *Field) At(t time.Time) any {
	t = f.Truncate(t)
	switch f.Type {
	case Day:
		return Date(t.Format(time.DateOnly))
	case TimeOfDay:
		return Clock(t.Sub(t.Truncate(24 * time.Hour)).Microseconds())
	}
	return t
}

// setDefault sets the default of a tag.
func (f *Field) setDefault(text string) (err error) {
	switch dated := f.Type == Time || f.Type == Day || f.Type == TimeOfDay; {
	case dated && isNow(text):
		f.Default = Now
	case f.Type == Text && strings.EqualFold(text, "uuid()"):
		f.MakesUUID = true
	case strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")"):
		f.Default, f.storage.verbatim = ByDatabase, false
	default:
		f.Default, err = f.fromText(text)
	}
	return err
}

// omission is a value that the store sets.
type omission struct {
	row   int
	field *Field
}

// omit marks the value of a field in the row at index i as omitted.
func (r *Rows) omit(i int, f *Field) {
	if r.omissions == nil {
		r.omissions = map[omission]bool{}
	}
	r.omissions[omission{i, f}] = true
}

// Omitted reports whether the field of the row at index i takes its default [Now] or [ByDatabase]. The field then has
// no value, until [Rows.Set].
func (r *Rows) Omitted(i int, f *Field) bool {
	return r.omissions != nil && r.omissions[omission{i, f}]
}

// Omits reports whether any value is omitted.
func (r *Rows) Omits() bool { return len(r.omissions) > 0 }
