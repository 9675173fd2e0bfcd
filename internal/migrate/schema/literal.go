package schema

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
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

var blobLiteral = lazyregexp.New(`^\(?(?:[xX]'([0-9a-fA-F]*)'|0x([0-9a-fA-F]+))\)?$`)

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
// form is the one that Atlas reads from SQLite. The error says that SQLite cannot hold the
// default.
func translateDefault(c *atlas.Column) (atlas.Expr, error) {
	if d, ok := DefaultOf(c); ok && d.Literal != "" {
		_, isTime := c.Type.Type.(*atlas.TimeType)
		_, isInteger := c.Type.Type.(*atlas.IntegerType)
		if _, err := strconv.ParseInt(d.Literal, 10, 64); isInteger && errors.Is(err, strconv.ErrRange) {
			return nil, errors.New("its integers end at 2^63-1")
		}
		if isTime && zeroDate.MatchString(d.Literal) {
			return nil, errors.New("it has no zero dates")
		}
	}
	if x, ok := c.Default.(*atlas.RawExpr); ok {
		t, isBinary := c.Type.Type.(*atlas.BinaryType)
		if bytes, ok := blobText(x.X); ok && isBinary {
			return &atlas.RawExpr{X: SQLiteBytes(t, bytes)}, nil
		}
	}
	d, ok := DefaultOf(c)
	switch {
	case !ok:
		return nil, nil
	case d.UUID:
		return &atlas.RawExpr{X: uuidOfSQLite}, nil
	case d.Now:
		return &atlas.RawExpr{X: currentTime(c)}, nil
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

var (
	zeroDate   = lazyregexp.New(`^\d{4}-(?:00-\d\d|\d\d-00)\b`)
	randomUUID = lazyregexp.New(`(?i)^\(*uuid\(\)\)*$`)
)

// uuidOfSQLite is a random UUID (RFC 9562, version 4).
const uuidOfSQLite = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) " +
	"|| '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"

func unquoteSQL(s string) (text, rest string, err error) {
	if !strings.HasPrefix(s, "'") {
		return "", "", strconv.ErrSyntax
	}
	return unquote(s)
}

// currentTimestamp matches the current time.
var currentTimestamp = lazyregexp.New(
	`(?i)^\(?(?:current_timestamp|now|localtimestamp|localtime|utc_timestamp)(?:\(\d?\))?\)?$`)

// currentDate and currentClock match the current date and time of the day.
var (
	currentDate  = lazyregexp.New(`(?i)^\(?(?:curdate\(\)|(?:current_date|utc_date)(?:\(\))?)\)?$`)
	currentClock = lazyregexp.New(
		`(?i)^\(?(?:curtime\(\d?\)|(?:current_time|utc_time)(?:\(\d?\))?)\)?$`)
)

// currentTime returns the default of SQLite for the current time, in the form of the column's type. Its fractions have
// three digits.
func currentTime(c *atlas.Column) string {
	t, _ := c.Type.Type.(*atlas.TimeType)
	digits := ""
	if x, ok := c.Default.(*atlas.RawExpr); ok {
		digits = strings.Trim(fraction.FindString(x.X), "()0")
	}
	switch {
	case t != nil && t.T == mysql.TypeDate:
		return "CURRENT_DATE"
	case t != nil && t.T == mysql.TypeTime && digits == "":
		return "CURRENT_TIME"
	case t != nil && t.T == mysql.TypeTime:
		return "strftime('%H:%M:%f', 'now')"
	case digits == "":
		return "CURRENT_TIMESTAMP"
	}
	return "strftime('%Y-%m-%d %H:%M:%f', 'now')"
}

var fraction = lazyregexp.New(`\(\d\)`)

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
