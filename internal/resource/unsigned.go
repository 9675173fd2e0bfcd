package resource

import (
	"errors"
	"math"
	"strconv"
)

// unsignedCodec is the codec of bigint unsigned: a uint64 in Go. Values up to 2^63-1 can be
// written, because SQLite has no larger integers. MySQL can have larger ones, from other
// programs.
var unsignedCodec = codec{
	declare: func(_ *Field, s *storage, _ string) error { s.name = "bigint"; return nil },
	read:    readUnsigned, parse: parseUnsigned, schema: unsignedSchema, operators: orderedOperators,
	append: func(_ *Field, b []byte, p any) []byte { return strconv.AppendUint(b, *p.(*uint64), 10) },
}

func readUnsigned(f *Field, p any, raw []byte) (code, predicate string) {
	n, err := parseInteger(string(raw))
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && n < 0:
		return "out_of_range", "must be between 0 and 9223372036854775807"
	case err != nil:
		return "type", "must be a whole number"
	}
	*p.(*uint64) = uint64(n)
	return f.checkRange(float64(n))
}

func parseUnsigned(_ *Field, s string) (value any, code, predicate string) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return nil, "type", "must be a whole number from 0 to 18446744073709551615"
	}
	return n, "", ""
}

func unsignedSchema(*Field) Schema {
	return Schema{Type: "integer", Format: "uint64", Maximum: math.MaxUint64, Filter: `\d+`, Example: 1}
}
