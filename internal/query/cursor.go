package query

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Prefix is the beginning of a text key that is too long for a cursor.
type Prefix string

// ZeroDate is the key of a zero date of MySQL, which is null in the API, but which MySQL sorts after NULL.
type ZeroDate struct{}

// A cursor is base64url of
//
//	1 byte   the version of this layout
//	8 bytes  a checksum of the table, the order and the keys
//	         the keys: for each, 1 byte with its type, and the value
//
// The checksum detects cursors that were altered or that belong to another list. It is not
// a signature: a forged cursor only selects another position in the list.
const (
	cursorVersion = 1
	headerSize    = 1 + 8
	// maxCursor is the maximum number of characters of a cursor, because gateways limit the
	// request line.
	maxCursor = 8000
	// maxContent is the maximum number of bytes in a cursor, before base64, without the texts of the key. The key is
	// never cut. MySQL limits it to 3,072 bytes.
	maxContent = 3000
	// maxText is the maximum size of one text that is not part of the key, in bytes.
	maxText = 1024
)

// The types of keys in a cursor.
const (
	keyNull byte = iota
	keyFalse
	keyTrue
	keyInteger // 8 bytes
	keyNumber  // 8 bytes, as IEEE 754
	keyTime    // 8 bytes, microseconds since 1970
	keyText    // 2 bytes of length, and the text
	keyPrefix  // the same for a Prefix
	keyOther   // 2 bytes of length, and the text of a value of type Other
	keyZero    // a ZeroDate
)

// maxOther is the maximum size of the text of a value of type Other that can be in sort, in
// bytes. The longest is a decimal of 65 digits.
const maxOther = 80

var cursorEncoding = base64.RawURLEncoding.Strict()

// Cursor returns the value of the cursor parameter for the rows after the row with these
// keys, which are as in [List.After]. A URL can contain it without escaping. It panics if
// the type of a key is not a type of field.
func (t *Table) Cursor(sort []Order, keys []any) string {
	b := make([]byte, headerSize, 64)
	limit := t.textLimit(sort)
	for i, key := range keys {
		b = appendKey(b, key, t.limitOf(sort[i].Field, limit))
	}
	b[0] = cursorVersion
	sum := t.checksum(sort, b[headerSize:])
	copy(b[1:], sum[:])
	return cursorEncoding.EncodeToString(b)
}

// after returns the keys in a cursor, if the cursor is valid for this table and order.
func (t *Table) after(sort []Order, cursor string) (keys []any, ok bool) {
	// The decoder would ignore line breaks.
	if len(cursor) > maxCursor || strings.ContainsAny(cursor, "\r\n") {
		return nil, false
	}
	b, err := cursorEncoding.DecodeString(cursor)
	if err != nil || len(b) < headerSize || b[0] != cursorVersion {
		return nil, false
	}
	if sum := t.checksum(sort, b[headerSize:]); string(sum[:]) != string(b[1:headerSize]) {
		return nil, false
	}
	b = b[headerSize:]
	limit := t.textLimit(sort)
	keys = make([]any, len(sort))
	for i, o := range sort {
		if keys[i], b, ok = t.field(o.Field).readKey(b, t.limitOf(o.Field, limit)); !ok {
			return nil, false
		}
	}
	return keys, len(b) == 0
}

// checksum returns a checksum of the table's name, the order and the content of a cursor.
func (t *Table) checksum(sort []Order, content []byte) (sum [8]byte) {
	b := make([]byte, 0, 256)
	b = append(append(b, t.Name...), 0)
	for _, o := range sort {
		direction := byte('+')
		if o.Desc {
			direction = '-'
		}
		b = append(append(append(b, direction), o.Field...), 0)
	}
	b = append(append(b, 0), content...)
	whole := sha256.Sum256(b)
	copy(sum[:], whole[:])
	return sum
}

// limitOf returns the maximum size of a text of a field in a cursor, in bytes, for the limit of other fields.
func (t *Table) limitOf(field string, limit int) int {
	if slices.Contains(t.Key, field) {
		return math.MaxUint16
	}
	return limit
}

// textLimit returns the maximum size of each text in a cursor that is not part of the key, in bytes.
func (t *Table) textLimit(sort []Order) int {
	texts, others := 0, 0
	for _, o := range sort {
		switch typ := t.field(o.Field).Type; {
		case typ == Text && !slices.Contains(t.Key, o.Field):
			texts++
		case typ == Other:
			others++
		}
	}
	if texts == 0 {
		return 0
	}
	available := maxContent - headerSize - 9*(len(sort)-texts-others) - (3+maxOther)*others - 3*texts
	return min(maxText, available/texts)
}

func appendKey(b []byte, key any, limit int) []byte {
	switch v := key.(type) {
	case nil:
		return append(b, keyNull)
	case ZeroDate:
		return append(b, keyZero)
	case bool:
		if v {
			return append(b, keyTrue)
		}
		return append(b, keyFalse)
	case int64:
		return binary.BigEndian.AppendUint64(append(b, keyInteger), uint64(v))
	case float64:
		return binary.BigEndian.AppendUint64(append(b, keyNumber), math.Float64bits(v+0)) // makes 0 of -0
	case time.Time:
		return binary.BigEndian.AppendUint64(append(b, keyTime), uint64(v.UnixMicro()))
	case string:
		// clean removes an incomplete character at the cut.
		if s := clean(v[:min(len(v), limit)]); len(s) < len(v) {
			return appendText(append(b, keyPrefix), s)
		}
		return appendText(append(b, keyText), v)
	case Prefix:
		return appendText(append(b, keyPrefix), clean(string(v[:min(len(v), limit)])))
	}
	if text, ok := textOf(key); ok && len(text) <= math.MaxUint16 {
		return appendText(append(b, keyOther), text)
	}
	panic(fmt.Sprintf("query: invalid type of key: %T", key))
}

// textOf returns the text of a value of type [Other], which [Field.Parse] parses again.
func textOf(key any) (text string, ok bool) {
	switch v := key.(type) {
	case uint64:
		return strconv.FormatUint(v, 10), true
	case []byte:
		return base64.StdEncoding.EncodeToString(v), true
	case fmt.Stringer:
		return v.String(), true
	}
	return "", false
}

func appendText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}

// readKey decodes the field's key at the beginning of b. It accepts only values that a
// row can have.
func (f *Field) readKey(b []byte, limit int) (key any, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	keyType, b := b[0], b[1:]
	switch keyType {
	case keyNull:
		return nil, b, f.Nullable
	case keyZero:
		return ZeroDate{}, b, f.ZeroDates
	case keyFalse, keyTrue:
		return keyType == keyTrue, b, f.Type == Boolean
	case keyText, keyPrefix:
		return f.readText(b, limit, keyType == keyPrefix)
	case keyOther:
		return f.readOther(b)
	}
	if len(b) < 8 {
		return nil, nil, false
	}
	bits, rest := binary.BigEndian.Uint64(b), b[8:]
	switch {
	case keyType == keyInteger && f.Type == Integer:
		return int64(bits), rest, true
	case keyType == keyNumber && f.Type == Number:
		n := math.Float64frombits(bits)
		negativeZero := n == 0 && bits != 0
		return n, rest, !negativeZero && !math.IsNaN(n) && !math.IsInf(n, 0)
	case keyType == keyTime && f.Type == Time:
		t := time.UnixMicro(int64(bits)).UTC()
		return t, rest, inRange(t)
	}
	return nil, nil, false
}

// readOther decodes a value of type Other. It accepts only the text that the value has.
func (f *Field) readOther(b []byte) (key any, rest []byte, ok bool) {
	if f.Type != Other || len(b) < 2 {
		return nil, nil, false
	}
	n, b := int(binary.BigEndian.Uint16(b)), b[2:]
	if n > len(b) {
		return nil, nil, false
	}
	text, rest := string(b[:n]), b[n:]
	key, code, _ := f.Parse(text)
	if code != "" {
		return nil, nil, false
	}
	same, _ := textOf(key)
	return key, rest, same == text
}

func (f *Field) readText(b []byte, limit int, prefix bool) (key any, rest []byte, ok bool) {
	if f.Type != Text || len(b) < 2 {
		return nil, nil, false
	}
	n, b := int(binary.BigEndian.Uint16(b)), b[2:]
	if n > limit || n > len(b) {
		return nil, nil, false
	}
	s := string(b[:n])
	if prefix {
		return Prefix(s), b[n:], clean(s) == s
	}
	return s, b[n:], clean(s) == s
}
