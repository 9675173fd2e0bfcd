package schema

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
)

// SQLiteDecimal returns the SQL literal that SQLite stores for a number in a column of a
// decimal type. If the type has more than [ExactDigits] digits, this is a text with the
// scale of the type: '1.50' for decimal(20,2). Otherwise, or if number is not a numeric
// literal, it returns number.
func SQLiteDecimal(t *atlas.DecimalType, number string) string {
	if t.Precision <= ExactDigits {
		return number
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return number
	}
	written := r.FloatString(t.Scale)
	if strings.Trim(written, "-0.") == "" {
		written = strings.TrimPrefix(written, "-") // not -0
	}
	return text(written)
}

// SQLiteBytes returns a text as a blob literal, such as X'6162'. Like MySQL, it pads the
// value of a binary(n) with zero bytes.
func SQLiteBytes(t *atlas.BinaryType, s string) string {
	b := []byte(s)
	if t.T == mysql.TypeBinary {
		size := 1
		if t.Size != nil {
			size = *t.Size
		}
		for len(b) < size {
			b = append(b, 0)
		}
	}
	return fmt.Sprintf("X'%X'", b)
}

var blobLiteral = regexp.MustCompile(`^\(?(?:[xX]'([0-9a-fA-F]*)'|0x([0-9a-fA-F]+))\)?$`)

// blobText returns the bytes of a literal such as X'6162' or 0x6162.
func blobText(written string) (string, bool) {
	m := blobLiteral.FindStringSubmatch(written)
	if m == nil {
		return "", false
	}
	bytes, err := hex.DecodeString(m[1] + m[2])
	return string(bytes), err == nil
}

// translateDefault returns the default of a column on SQLite, or nil if there is none. Its
// form is the one that Atlas reads from SQLite.
func translateDefault(c *atlas.Column) (atlas.Expr, error) {
	if x, ok := c.Default.(*atlas.RawExpr); ok {
		if m := currentTimestamp.FindStringSubmatch(strings.TrimSpace(x.X)); m != nil && cmp.Or(m[1], "0") != "0" {
			return &atlas.RawExpr{X: "strftime('%Y-%m-%d %H:%M:%f', 'now')"}, nil
		}
		t, isBinary := c.Type.Type.(*atlas.BinaryType)
		if bytes, ok := blobText(x.X); ok && isBinary {
			return &atlas.RawExpr{X: SQLiteBytes(t, bytes)}, nil
		}
	}
	d, ok := DefaultOf(c)
	switch {
	case !ok:
		return nil, nil
	case d.Now:
		return &atlas.RawExpr{X: "CURRENT_TIMESTAMP"}, nil
	case d.Expr != "":
		expr, err := expression(&atlas.Table{}, d.Expr)
		return &atlas.RawExpr{X: expr}, err
	}
	switch t := c.Type.Type.(type) {
	case *atlas.BoolType, *atlas.IntegerType, *atlas.FloatType, *mysql.BitType:
		return &atlas.Literal{V: d.Literal}, nil
	case *atlas.DecimalType:
		return &atlas.Literal{V: SQLiteDecimal(t, d.Literal)}, nil
	case *atlas.BinaryType:
		return &atlas.RawExpr{X: SQLiteBytes(t, d.Literal)}, nil
	}
	return &atlas.Literal{V: text(d.Literal)}, nil
}

func unquoteSQL(s string) (text, rest string, err error) {
	if !strings.HasPrefix(s, "'") {
		return "", "", strconv.ErrSyntax
	}
	return unquote(s)
}

// currentTimestamp matches the current time. Its group is the number of fractional digits.
var currentTimestamp = regexp.MustCompile(
	`(?i)^\(?(?:current_timestamp|now|localtimestamp|localtime)(?:\((\d?)\))?\)?$`)

// constant returns the value of tokens that are a single literal, or false.
func constant(tokens []token) (string, bool) {
	sign := ""
	if len(tokens) == 2 && tokens[0].text == "-" && tokens[1].kind == number {
		sign, tokens = "-", tokens[1:]
	}
	if len(tokens) != 1 {
		return "", false
	}
	switch t := tokens[0]; {
	case t.kind == number, t.kind == stringLiteral:
		return sign + t.text, true
	case t.kind == word && (strings.EqualFold(t.text, "true") || strings.EqualFold(t.text, "false")):
		return strings.ToLower(t.text), true
	}
	return "", false
}
