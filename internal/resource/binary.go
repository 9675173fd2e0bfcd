package resource

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// binaryCodec is the codec of binary, varbinary and blobs: a []byte in Go, and base64
// (RFC 4648, section 4) in JSON.
var binaryCodec = codec{
	declare: declareBinary, read: readBinary, append: appendBinary, parse: parseBinary, whole: wholeBinary,
	schema: binarySchema, operators: equalOperators, unsorted: true,
}

// blobBytes are the sizes of MySQL's blobs, except longblob, which is larger than any body.
var blobBytes = map[string]int{"tinyblob": 1<<8 - 1, "blob": 1<<16 - 1, "mediumblob": 1<<24 - 1}

func declareBinary(f *Field, s *storage, sqlType string) error {
	parts := sqlTypePattern.FindStringSubmatch(strings.ToLower(sqlType))
	if parts == nil {
		return fmt.Errorf("the type of a []byte is %q: it must be a binary type", sqlType)
	}
	s.name, f.Bytes = parts[1], blobBytes[parts[1]]
	if parts[2] != "" {
		f.Bytes, _ = strconv.Atoi(parts[2]) // the pattern allows digits only
	}
	if s.name == "binary" {
		f.Bytes = max(f.Bytes, 1)
	}
	return nil
}

func readBinary(f *Field, p any, raw []byte) (code, predicate string) {
	if raw[0] != '"' {
		return "type", "must be base64, as a string"
	}
	s, _ := text(raw)
	value, code, predicate := wholeBinary(f, s)
	if code == "" {
		*p.(*[]byte) = value.([]byte)
	}
	return code, predicate
}

// parseBinary returns the bytes of a base64 text, never nil.
func parseBinary(_ *Field, s string) (value any, code, predicate string) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") { // the decoder ignores line breaks
		return nil, "type", "must be base64 with padding, such as aGVsbG8="
	}
	return b, "", ""
}

func wholeBinary(f *Field, s string) (value any, code, predicate string) {
	value, code, predicate = parseBinary(f, s)
	if code != "" {
		return nil, code, predicate
	}
	n := len(value.([]byte))
	switch {
	case f.storage.name == "binary" && n != f.Bytes:
		return nil, "out_of_range", fmt.Sprintf("must have exactly %d bytes, not %d", f.Bytes, n)
	case f.Bytes > 0 && n > f.Bytes || f.storage.name == "varbinary" && n > f.Bytes:
		return nil, "too_long", fmt.Sprintf("must have at most %d bytes, not %d", f.Bytes, n)
	}
	return value, "", ""
}

func appendBinary(_ *Field, b []byte, p any) []byte {
	b = base64.StdEncoding.AppendEncode(append(b, '"'), *p.(*[]byte))
	return append(b, '"')
}

// The patterns of base64: four characters for three bytes, and the ends for one and for two
// bytes, whose unused bits are zero.
const (
	base64Three   = `([A-Za-z0-9+/]{4})`
	base64One     = `[A-Za-z0-9+/][AQgw]==`
	base64Two     = `[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=`
	base64Pattern = base64Three + `*(` + base64One + `|` + base64Two + `)?`
)

// base64Of returns the pattern of n bytes, or of at most n bytes. Many patterns cannot
// repeat a part more often than RE2, 1000 times.
func base64Of(n int, exactly bool) string {
	whole, rest := n/3, n%3
	ends := []string{"", base64One, base64Two}
	switch {
	case n > 750:
		return base64Pattern
	case exactly:
		return fmt.Sprintf("%s{%d}%s", base64Three, whole, ends[rest])
	case rest == 2:
		return fmt.Sprintf("%s{0,%d}(%s|%s)?", base64Three, whole, base64One, base64Two)
	case whole == 0:
		return "(" + ends[rest] + ")?"
	case rest == 1:
		return fmt.Sprintf("(%s{0,%d}(%s)?|%[1]s{0,%d}%s)", base64Three, whole, base64One, whole-1, base64Two)
	}
	return fmt.Sprintf("(%s{0,%d}(%s|%s)?|%[1]s{%d})", base64Three, whole-1, base64One, base64Two, whole)
}

func binarySchema(f *Field) Schema {
	exactly := f.storage.name == "binary"
	s := Schema{Type: "string", Format: "byte", Description: "Base64 (RFC 4648, section 4)", Filter: base64Pattern}
	s.Input = "^" + base64Pattern + "$"
	example := "hello"
	switch {
	case exactly:
		s.Description += fmt.Sprintf(" of %d bytes", f.Bytes)
		example = strings.Repeat("x", f.Bytes)
	case f.Bytes > 0 || f.storage.name == "varbinary":
		s.Description += fmt.Sprintf(" of at most %d bytes", f.Bytes)
		example = example[:min(f.Bytes, len(example))]
	}
	if f.Bytes > 0 {
		s.Most = (f.Bytes + 2) / 3 * 4
		s.Input = "^" + base64Of(f.Bytes, exactly) + "$"
	}
	if exactly {
		s.Least = s.Most
	}
	s.Example = base64.StdEncoding.EncodeToString([]byte(example))
	return s
}
