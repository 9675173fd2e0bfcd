package resource

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a day without a time, such as "2026-01-31". A zero date of MySQL is "", which is
// null in JSON.
type Date string

// Time returns the beginning of the day in UTC, or the zero time if the date is invalid.
func (d Date) Time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d)) // the zero time for an error
	return t
}

// String returns the date in ISO 8601.
func (d Date) String() string { return string(d) }

// Scan implements sql.Scanner for the values of both dialects.
func (d *Date) Scan(value any) error {
	switch v := value.(type) {
	case time.Time:
		*d = ""
		if !v.IsZero() {
			*d = Date(v.Format(time.DateOnly))
		}
		return nil
	case []byte:
		return d.scan(string(v))
	case string:
		return d.scan(v)
	}
	return fmt.Errorf("resource: %T is not a date", value)
}

func (d *Date) scan(s string) error {
	const length = len(time.DateOnly)
	if len(s) < length || s[4] != '-' || s[7] != '-' {
		return fmt.Errorf("resource: %q is not a date", s)
	}
	if *d = Date(s[:length]); *d == "0000-00-00" {
		*d = ""
	}
	return nil
}

// Value implements driver.Valuer.
func (d Date) Value() (driver.Value, error) { return string(d), nil }

// dateCodec is the codec of a [Date].
var dateCodec = codec{
	declare: func(_ *Field, s *storage, _ string) error { s.name = "date"; return nil },
	read:    readDate, parse: parseDate, whole: wholeDate, schema: dateSchema, operators: orderedOperators,
	append: func(_ *Field, b []byte, p any) []byte { return appendText(b, string(*p.(*Date))) },
	isZero: func(p any) bool { return *p.(*Date) == "" },
}

func readDate(f *Field, p any, raw []byte) (code, predicate string) {
	if raw[0] != '"' {
		return "type", "must be a date, as a string"
	}
	s, _ := text(raw)
	value, code, predicate := wholeDate(f, s)
	if code == "" {
		*p.(*Date) = value.(Date)
	}
	return code, predicate
}

// parseDate also accepts the dates before the year 1000 that MySQL can have.
func parseDate(_ *Field, s string) (value any, code, predicate string) {
	if t, err := time.Parse(time.DateOnly, s); err != nil || t.Year() == 0 {
		return nil, "type", "must be a date, such as 2026-01-31"
	}
	return Date(s), "", ""
}

func wholeDate(f *Field, s string) (value any, code, predicate string) {
	value, code, predicate = parseDate(f, s)
	if code == "" && s < "1000" {
		return nil, "out_of_range", "must be a date between the years 1000 and 9999"
	}
	return value, code, predicate
}

func dateSchema(*Field) Schema {
	return Schema{Type: "string", Format: "date", Input: `^[1-9]\d{3}-\d\d-\d\d$`, Filter: `\d{4}-\d\d-\d\d`,
		Example: "2026-01-31"}
}
