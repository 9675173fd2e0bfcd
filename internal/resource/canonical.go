package resource

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxJSONName is MySQL's limit for the name of a member, in bytes. [maxDepth] is its limit for
// the levels.
const maxJSONName = 1<<16 - 1

// deepPredicate is the predicate of a value with too many levels.
const deepPredicate = "must have at most 100 levels"

// canonical writes the canonical form of a JSON value: no spaces, members sorted by code
// point, the last of duplicates, integers from -2^63 to 2^64-1 exact, and other numbers as
// the shortest double. A text of valid JSON has no errors; code and predicate say what the
// databases refuse.
type canonical struct {
	scan            scanner
	members         []jsonMember // of the objects that are open
	code, predicate string
}

// jsonMember is a member in the output.
type jsonMember struct {
	name       []byte
	start, end int
}

func (c *canonical) fail(code, predicate string) {
	if c.code == "" {
		c.code, c.predicate = code, predicate
	}
}

// value appends the next value, which is inside of depth arrays and objects.
func (c *canonical) value(b []byte, depth int) []byte {
	c.scan.space()
	switch start := c.scan.at; c.scan.body[start] {
	case '{':
		return c.object(b, depth+1)
	case '[':
		return c.array(b, depth+1)
	case '"':
		return c.string(b, c.scan.value())
	case 't', 'f', 'n':
		return append(b, c.scan.value()...)
	}
	return c.number(b, c.scan.value())
}

func (c *canonical) deeper(depth int) {
	if depth > maxDepth {
		c.fail("out_of_range", deepPredicate)
	}
}

func (c *canonical) array(b []byte, depth int) []byte {
	c.deeper(depth)
	b = append(b, '[')
	start := len(b)
	for c.scan.open(); c.scan.more(']'); {
		if len(b) > start {
			b = append(b, ',')
		}
		b = c.value(b, depth)
	}
	return append(b, ']')
}

func (c *canonical) object(b []byte, depth int) []byte {
	c.deeper(depth)
	b = append(b, '{')
	start, base, sorted := len(b), len(c.members), true
	for c.scan.open(); c.scan.more('}'); {
		name := []byte(nil)
		raw := c.scan.value()
		if bytes.IndexByte(raw, '\\') < 0 {
			name = raw[1 : len(raw)-1]
		} else {
			name = []byte(c.text(raw))
		}
		c.scan.space()
		c.scan.at++ // the colon
		if len(name) > maxJSONName {
			c.fail("too_long", "must have names of at most 65535 bytes")
		}
		if len(b) > start {
			b = append(b, ',')
			sorted = sorted && bytes.Compare(c.members[len(c.members)-1].name, name) < 0
		}
		at := len(c.members)
		c.members = append(c.members, jsonMember{name: name, start: len(b)})
		b = append(c.string(b, raw), ':')
		b = c.value(b, depth)
		c.members[at].end = len(b)
	}
	if !sorted {
		b = reorder(b, start, c.members[base:])
	}
	c.members = c.members[:base]
	return append(b, '}')
}

// reorder sorts the members in b, which begin at start, and keeps the last of duplicates.
func reorder(b []byte, start int, members []jsonMember) []byte {
	slices.SortStableFunc(members, func(x, y jsonMember) int { return bytes.Compare(x.name, y.name) })
	old := bytes.Clone(b[start:])
	b = b[:start]
	for i, m := range members {
		if i+1 < len(members) && bytes.Equal(m.name, members[i+1].name) {
			continue
		}
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(b, old[m.start-start:m.end-start]...)
	}
	return b
}

// string appends a JSON string.
func (c *canonical) string(b, raw []byte) []byte {
	for _, x := range raw {
		if x == '\\' || x >= utf8.RuneSelf {
			return appendText(b, c.text(raw))
		}
	}
	return append(b, raw...) // nothing to escape
}

// text decodes a JSON string.
func (c *canonical) text(raw []byte) string {
	s, ok := text(raw)
	if !ok {
		c.fail("invalid_text", "must not contain an unpaired surrogate")
	}
	return s
}

func (c *canonical) number(b, raw []byte) []byte {
	if len(raw) < 19 && raw[0] != '-' && !bytes.ContainsAny(raw, ".eE") {
		return append(b, raw...)
	}
	s := string(raw)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return strconv.AppendInt(b, n, 10)
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return strconv.AppendUint(b, n, 10)
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(x, 0) {
		c.fail("out_of_range", "must have numbers of at most 64 bits")
		return append(b, raw...)
	}
	return appendNumber(b, x+0) // makes 0 of -0
}

// canonicalJSON returns the canonical form of a text of valid JSON. For a value that the
// databases refuse it also returns the code and predicate of the fault.
func canonicalJSON(raw []byte) (form []byte, code, predicate string) {
	c := canonical{scan: scanner{body: raw}}
	form = c.value(make([]byte, 0, len(raw)), 0)
	return form, c.code, c.predicate
}

// storedJSON returns the canonical form of a text of a database. It never fails: a text
// that is not JSON becomes a JSON string.
func storedJSON(raw []byte) []byte {
	if !utf8.Valid(raw) {
		raw = bytes.ToValidUTF8(raw, []byte(string(utf8.RuneError)))
	}
	if !json.Valid(raw) {
		return appendText(nil, string(raw))
	}
	form, _, _ := canonicalJSON(raw)
	return form
}
