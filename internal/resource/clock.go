package resource

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Clock is the value of a time column in microseconds: a time of the day, or a duration
// from -838:59:59 to 838:59:59.
type Clock int64

// maxClock is 838:59:59.
const maxClock = Clock((838*60+59)*60+59) * 1_000_000

// Duration returns the time since midnight.
func (c Clock) Duration() time.Duration { return time.Duration(c) * time.Microsecond }

// String returns the time with as many fractional digits as it needs: 12:34:56.5.
func (c Clock) String() string {
	s := string(c.append(nil, 6))
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// MarshalText implements encoding.TextMarshaler.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (c *Clock) UnmarshalText(text []byte) error { return c.Scan(text) }

// append appends the time with a number of fractional digits.
func (c Clock) append(b []byte, fraction int) []byte {
	if c < 0 {
		b, c = append(b, '-'), -c
	}
	seconds := int64(c / 1_000_000)
	if hours := seconds / 3600; hours < 100 {
		b = append(b, '0'+byte(hours/10), '0'+byte(hours%10))
	} else {
		b = strconv.AppendInt(b, hours, 10)
	}
	minute, second := byte(seconds/60%60), byte(seconds%60)
	b = append(b, ':', '0'+minute/10, '0'+minute%10, ':', '0'+second/10, '0'+second%10)
	if fraction > 0 {
		b = appendFraction(append(b, '.'), int(c%1_000_000), fraction)
	}
	return b
}

// Scan implements sql.Scanner for the text of both dialects.
func (c *Clock) Scan(value any) error {
	var s string
	if err := scanText(value, &s); err != nil {
		return err
	}
	var ok bool
	if *c, ok = clockOf(s, 6); !ok {
		return fmt.Errorf("resource: %q is not a time", s)
	}
	return nil
}

// Value implements driver.Valuer.
func (c Clock) Value() (driver.Value, error) { return c.String(), nil }

// clockOf parses a time, and truncates it to a number of fractional digits.
func clockOf(s string, digits int) (c Clock, ok bool) {
	s, negative := strings.CutPrefix(s, "-")
	s, fraction, hasFraction := strings.Cut(s, ".")
	n := len(s)
	if n < 8 || n > 9 || s[n-3] != ':' || s[n-6] != ':' || hasFraction && fraction == "" {
		return 0, false
	}
	number := func(s string) int64 {
		x, err := strconv.ParseUint(s, 10, 31)
		if err != nil || s[0] == '+' {
			ok = false
		}
		return int64(x)
	}
	ok = strings.Trim(fraction, "0123456789") == ""
	hours, minutes, seconds := number(s[:n-6]), number(s[n-5:n-3]), number(s[n-2:])
	fraction = (fraction + "000000")[:6]
	micros := number(fraction[:digits] + "000000"[digits:])
	c = Clock(((hours*60+minutes)*60+seconds)*1_000_000 + micros)
	if negative {
		c = -c
	}
	return c, ok && minutes < 60 && seconds < 60
}

// clockCodec is the codec of a [Clock].
var clockCodec = codec{
	declare: declareClock, read: readClock, parse: parseClock, stored: storedClock, schema: clockSchema,
	append:    appendClock,
	operators: orderedOperators,
}

func declareClock(_ *Field, s *storage, sqlType string) error {
	s.name, s.fraction = "time", 0
	if parts := sqlTypePattern.FindStringSubmatch(strings.ToLower(sqlType)); parts != nil && parts[2] != "" {
		s.fraction, _ = strconv.Atoi(parts[2]) // the pattern allows digits only
		s.fraction = min(s.fraction, 6)
	}
	return nil
}

const clockPredicate = "must be a time, such as 12:34:56"

func readClock(f *Field, p any, raw []byte) (code, predicate string) {
	if raw[0] != '"' {
		return "type", clockPredicate + ", as a string"
	}
	s, _ := text(raw)
	c, code, predicate := f.clock(s, f.storage.fraction)
	*p.(*Clock) = c
	return code, predicate
}

func (f *Field) clock(s string, digits int) (c Clock, code, predicate string) {
	c, ok := clockOf(s, digits)
	switch {
	case !ok:
		return 0, "type", clockPredicate
	case c < -maxClock || c > maxClock:
		return 0, "out_of_range", "must be a time from -838:59:59 to 838:59:59"
	}
	return c, "", ""
}

func parseClock(f *Field, s string) (value any, code, predicate string) {
	c, code, predicate := f.clock(s, 6)
	return c, code, predicate
}

func appendClock(f *Field, b []byte, p any) []byte {
	b = p.(*Clock).append(append(b, '"'), f.storage.fraction)
	return append(b, '"')
}

// storedClock returns the text in the form of MySQL.
func storedClock(f *Field, value any) any {
	return string(value.(Clock).append(nil, f.storage.fraction))
}

func clockSchema(f *Field) Schema {
	const clock = `-?([0-7]?\d\d|8[0-2]\d|83[0-8]):[0-5]\d:[0-5]\d`
	example, fraction := "12:34:56", ""
	if n := f.storage.fraction; n > 0 {
		example += "." + strings.Repeat("0", n)
		fraction = fmt.Sprintf(`\.\d{%d}`, n)
	}
	return Schema{Type: "string", Pattern: "^" + clock + fraction + "$", Input: "^" + clock + `(\.\d+)?$`,
		Description: "A time of the day, or a duration up to 838:59:59",
		Filter:      clock, Example: example}
}
