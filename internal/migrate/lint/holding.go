package lint

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// holding describes the values that a MySQL column can hold.
type holding struct {
	// family is the kind of value: text, bytes, integer, decimal, float, time or json;
	// "" if it is unknown.
	family string
	// name is the name of the type, for text, bytes and time.
	name string
	// charset and collation are those of the column or, by default, of the table.
	charset, collation string
	// chars and bytes are the length of the longest value, written as text; 0 if the type
	// has no limit in this unit.
	chars, bytes int
	// members are the members of an enum or, if set is true, of a set.
	members []string
	set     bool
	// low and high are the range of a number. They are floats because the largest does not
	// fit an int64. A float type holds every integer up to exact.
	low, high, exact float64
	// scale is the number of digits after the decimal point, of a number or of a second.
	scale int
}

// holds returns the values that a column of the table t can hold.
func (p *pass) holds(c *schema.Column, t *schema.Table) holding {
	switch typ := p.typeOf(c).(type) {
	case *schema.StringType:
		return text(c, t).sized(typ.T, typ.Size)
	case *schema.EnumType:
		h := text(c, t).longest(typ.Values...)
		h.members = typ.Values
		return h
	case *mysql.SetType:
		h := text(c, t).longest(strings.Join(typ.Values, ","))
		h.members, h.set = typ.Values, true
		return h
	case *schema.BinaryType:
		size := 0
		if typ.Size != nil {
			size = *typ.Size
		}
		return holding{family: "bytes"}.sized(typ.T, size)
	case *schema.BoolType:
		return integer(&schema.IntegerType{T: mysql.TypeTinyInt})
	case *schema.IntegerType:
		return integer(typ)
	case *schema.DecimalType:
		h := holding{family: "decimal", high: math.Pow10(typ.Precision - typ.Scale), scale: typ.Scale}
		if !typ.Unsigned {
			h.low = -h.high
		}
		h.chars = typ.Precision + len("-.")
		h.bytes = h.chars
		return h
	case *schema.FloatType:
		h := holding{family: "float", low: math.Inf(-1), high: math.Inf(1), exact: 1 << 53, scale: 200, chars: 24, bytes: 24}
		if strings.EqualFold(typ.T, "float") && typ.Precision <= 24 {
			h.exact, h.scale = 1<<24, 100
		}
		return h
	case *schema.TimeType:
		h := holding{family: "time", name: strings.ToLower(typ.T)}
		if typ.Precision != nil {
			h.scale = *typ.Precision
		}
		longest := map[string]string{"date": "2006-01-02", "time": "-838:59:59.000000", "year": "2006"}[h.name]
		if longest == "" {
			longest = "2006-01-02 15:04:05.000000"
		}
		return h.longest(longest)
	case *schema.JSONType:
		return holding{family: "json"}
	}
	return holding{}
}

// sized returns h with the length of a text or bytes type.
func (h holding) sized(name string, size int) holding {
	h.name = strings.ToLower(name)
	lengthBits := map[string]int{"tiny": 8, "": 16, "medium": 24, "long": 32}
	for _, suffix := range []string{"text", "blob"} {
		if prefix, ok := strings.CutSuffix(h.name, suffix); ok {
			h.bytes = 1<<lengthBits[prefix] - 1
			return h
		}
	}
	h.chars, h.bytes = max(size, 1), max(size, 1)
	if h.family == "text" {
		h.bytes *= bytesPerCharacter(h.charset)
	}
	return h
}

// longest returns h with the length of the longest value.
func (h holding) longest(values ...string) holding {
	for _, v := range values {
		h.chars, h.bytes = max(h.chars, len([]rune(v))), max(h.bytes, len(v))
	}
	return h
}

func integer(t *schema.IntegerType) holding {
	low, high := declared.IntegerRange(t)
	h := holding{family: "integer", low: float64(low), high: float64(high)}
	if t.Unsigned && high == math.MaxInt64 {
		h.high = math.MaxUint64 // IntegerRange returns the range that fits both dialects
	}
	return h.longest(fmt.Sprintf("%.0f", h.low), fmt.Sprintf("%.0f", h.high))
}

// text returns a holding of text with the charset and collation of a column.
func text(c *schema.Column, t *schema.Table) holding {
	h := holding{family: "text"}
	attrs := c.Attrs
	if t != nil {
		attrs = slices.Concat(c.Attrs, t.Attrs)
	}
	if a, ok := find[*schema.Collation](attrs); ok {
		h.collation = strings.ToLower(a.V)
		h.charset, _, _ = strings.Cut(h.collation, "_")
	}
	if a, ok := find[*schema.Charset](attrs); ok {
		h.charset = strings.ToLower(a.V)
	}
	if h.charset == "utf8" {
		h.charset = "utf8mb3"
	}
	h.charset = cmp.Or(h.charset, "utf8mb4")
	return h
}

// bytesPerCharacter returns the maximum number of bytes of a character in a charset.
func bytesPerCharacter(charset string) int {
	switch charset {
	case "utf8mb4", "utf16", "utf16le", "utf32", "gb18030":
		return 4
	case "utf8mb3", "ujis", "eucjpms":
		return 3
	case "ucs2", "gbk", "gb2312", "big5", "sjis", "cp932", "euckr":
		return 2
	}
	return 1
}

// holdsCharset reports whether the charset a contains all characters of b. Charsets with up
// to four bytes per character contain all of Unicode.
func holdsCharset(a, b string) bool {
	switch {
	case bytesPerCharacter(a) == 4:
		return true
	case a == "utf8mb3" || a == "ucs2":
		return bytesPerCharacter(b) < 4
	}
	return a == b || b == "ascii"
}
