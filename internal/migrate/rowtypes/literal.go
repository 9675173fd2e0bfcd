package rowtypes

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
)

// literal returns the default of a column with a Go type in the form of the tag, or "" if
// it is invalid.
func literal(c *atlas.Column, typ, text string) string {
	switch typ {
	case "int64":
		return integerLiteral(text)
	case "uint64":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
			return strconv.FormatInt(n, 10)
		}
		return ""
	case "float64":
		if x, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(x, 0) && !math.IsNaN(x) {
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
		return ""
	case "bool":
		if is, err := strconv.ParseBool(text); err == nil {
			return strconv.FormatBool(is)
		}
		return ""
	case "decimal.Decimal":
		return decimalLiteral(c.Type.Type.(*atlas.DecimalType), text)
	case "time.Time":
		return timeLiteral(text)
	}
	if text, ok := textLiteral(c, text); ok {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return ""
}

func integerLiteral(text string) string {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(n, 10)
	}
	if x, err := strconv.ParseFloat(text, 64); err == nil && x == math.Trunc(x) && math.Abs(x) < 1<<53 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return ""
}

// decimalLiteral rounds a number to the scale of its type, as MySQL does.
func decimalLiteral(t *atlas.DecimalType, text string) string {
	if !decimalNumber.MatchString(text) {
		return ""
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return ""
	}
	return r.FloatString(t.Scale)
}

// decimalNumber limits the exponent, because big.Rat writes all zeros.
var decimalNumber = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$`)

func timeLiteral(text string) string {
	for _, layout := range []string{time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1000 {
			return "'" + t.Format("2006-01-02 15:04:05.999999") + "'"
		}
	}
	return ""
}

// clockText matches a time that the API accepts.
var clockText = regexp.MustCompile(`^-?\d{2,3}:[0-5]\d:[0-5]\d(\.\d+)?$`)

// textLiteral returns a default in the form of its JSON, without quotes. ok is false if it
// is not valid for the type.
func textLiteral(c *atlas.Column, text string) (_ string, ok bool) {
	// In members, quotes are doubled.
	isMember := func(members []string, m string) bool {
		return slices.Contains(members, strings.ReplaceAll(m, "'", "''"))
	}
	switch t := c.Type.Type.(type) {
	case *atlas.EnumType:
		return text, isMember(t.Values, text)
	case *mysql.SetType:
		list := strings.Split(text, ",")
		return text, text == "" || !slices.ContainsFunc(list, func(m string) bool { return !isMember(t.Values, m) })
	case *atlas.JSONType:
		return text, json.Valid([]byte(text)) && strings.TrimSpace(text) != "null"
	case *atlas.BinaryType:
		if t.T == mysql.TypeBinary && t.Size != nil { // MySQL pads with zero bytes
			text += strings.Repeat("\x00", max(*t.Size-len(text), 0))
		}
		return base64.StdEncoding.EncodeToString([]byte(text)), true
	case *atlas.TimeType:
		if t.T == mysql.TypeTime {
			return text, clockText.MatchString(text)
		}
		day, err := time.Parse(time.DateOnly, text)
		return text, err == nil && day.Year() >= 1000
	}
	return text, true
}

// holdsUUID reports whether a column can have a UUID as text.
func holdsUUID(c *atlas.Column) bool {
	t, ok := c.Type.Type.(*atlas.StringType)
	return ok && (t.Size >= 36 || t.Size == 0 && t.T != mysql.TypeChar && t.T != mysql.TypeVarchar)
}
