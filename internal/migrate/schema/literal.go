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

// SQLiteDecimal returns a number as SQLite stores it in a column of a decimal type: as
// text with exactly the type's digits after the point where SQLite has no exact number
// ('1.50' for decimal(20,2)), else as it is. number is a numeric literal of SQL; what is
// none comes back as it is.
func SQLiteDecimal(t *atlas.DecimalType, number string) string {
	if t.Precision <= ExactDigits {
		return number
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return number
	}
	return text(r.FloatString(t.Scale))
}

// SQLiteBytes returns a text as a blob of SQLite, X'6162'. In a binary(n) MySQL fills a
// shorter one up with zeros, and so does this.
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

// blobText returns the bytes of X'6162', or of 0x6162.
func blobText(written string) (string, bool) {
	m := blobLiteral.FindStringSubmatch(written)
	if m == nil {
		return "", false
	}
	bytes, err := hex.DecodeString(m[1] + m[2])
	return string(bytes), err == nil
}

// translateDefault returns a column's default on SQLite, nil for none: as SQLite writes it,
// and as Atlas reads it from there.
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

// currentTimestamp finds how many digits the fraction of the time has.
var currentTimestamp = regexp.MustCompile(
	`(?i)^\(?(?:current_timestamp|now|localtimestamp|localtime)(?:\((\d?)\))?\)?$`)

// constant returns the one literal that tokens are.
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
