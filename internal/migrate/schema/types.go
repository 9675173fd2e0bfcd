package schema

import (
	"cmp"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
)

// ExactDigits is the number of decimal digits that an 8-byte number of SQLite holds
// exactly.
const ExactDigits = 15

// Conditions on the storage class of a value, as formats for [condition].
const (
	isInteger = "typeof($) IN ('integer', 'null')"
	isReal    = "typeof($) IN ('real', 'null')"
	isText    = "typeof($) IN ('text', 'null')"
	isBlob    = "typeof($) IN ('blob', 'null')"
)

// sqliteType returns the SQLite type of a MySQL column, and the condition that accepts the
// values of the MySQL type, or "" for none. The name of a type determines its affinity
// (sqlite.org/datatype3.html), and which Go type drivers return: a boolean for bool, a time
// for datetime. For NULL the condition is true or NULL, and a CHECK accepts both.
func sqliteType(c *atlas.Column) (typ atlas.Type, check string, err error) {
	holds := func(format string, args ...any) string { return condition(c, format, args...) }
	switch t := c.Type.Type.(type) {
	case *atlas.BoolType:
		return &atlas.BoolType{T: "bool"}, holds("$ IN (0, 1)"), nil
	case *mysql.BitType:
		if t.Size <= 1 {
			return &atlas.BoolType{T: "bool"}, holds("$ IN (0, 1)"), nil
		}
		check = holds(isInteger+" AND $ BETWEEN 0 AND %d", uint64(1)<<min(t.Size, 63)-1)
		return &atlas.IntegerType{T: "integer"}, check, nil
	case *atlas.IntegerType:
		if !HasAttr[*mysql.AutoIncrement](c.Attrs) { // SQLite enforces an integer for the rowid
			check = integerCheck(c, t)
		}
		return &atlas.IntegerType{T: "integer"}, check, nil
	case *atlas.FloatType:
		// 9e999 is infinity on SQLite. MySQL has no infinity.
		return &atlas.FloatType{T: "real"}, holds(isReal + " AND abs($) < 9e999"), nil
	case *atlas.DecimalType:
		return decimalType(c, t)
	case *atlas.StringType:
		return &atlas.StringType{T: "text"}, textCheck(c, t), nil
	case *atlas.EnumType:
		return &atlas.StringType{T: "text"}, holds("$ IN (%s)", "'"+strings.Join(t.Values, "', '")+"'"), nil
	case *mysql.SetType:
		return &atlas.StringType{T: "text"}, setCheck(c, t.Values), nil
	case *atlas.JSONType:
		// The type "json" has numeric affinity, which converts the text 1.0 to the number 1.
		return &atlas.StringType{T: "text"}, holds(isText + " AND json_valid($)"), nil
	case *atlas.BinaryType:
		return &atlas.BinaryType{T: "blob"}, binaryCheck(c, t), nil
	case *atlas.TimeType:
		return timeType(c, t)
	}
	text, err := mysql.FormatType(c.Type.Type)
	if err != nil {
		text = fmt.Sprintf("%T", c.Type.Type)
	}
	return nil, "", fmt.Errorf("SQLite has no equivalent of the type %s", text)
}

// condition formats a condition. It replaces $ by the quoted name of the column.
func condition(c *atlas.Column, format string, args ...any) string {
	name := strings.ReplaceAll(quoted(c.Name), "%", "%%")
	return fmt.Sprintf(strings.ReplaceAll(format, "$", name), args...)
}

// IntegerRange returns the least and the greatest value of an integer type. The greatest
// value of bigint unsigned is 2^63-1, the greatest integer of SQLite, on both dialects.
func IntegerRange(t *atlas.IntegerType) (least, greatest int64) {
	bits := map[string]uint{"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32}[strings.ToLower(t.T)]
	switch {
	case bits == 0 && t.Unsigned:
		return 0, 1<<63 - 1
	case bits == 0:
		return -1 << 63, 1<<63 - 1
	case t.Unsigned:
		return 0, 1<<bits - 1
	}
	return -1 << (bits - 1), 1<<(bits-1) - 1
}

// integerCheck returns the condition for an integer type.
func integerCheck(c *atlas.Column, t *atlas.IntegerType) string {
	switch least, greatest := IntegerRange(t); {
	case greatest < 1<<63-1:
		return condition(c, isInteger+" AND $ BETWEEN %d AND %d", least, greatest)
	case t.Unsigned:
		return condition(c, isInteger+" AND $ >= 0")
	}
	return condition(c, isInteger)
}

// decimalType returns the type and the condition for a decimal type. With more than
// [ExactDigits] digits it is a text: a sign, digits, and a point followed by as many digits
// as the scale.
func decimalType(c *atlas.Column, t *atlas.DecimalType) (typ atlas.Type, check string, err error) {
	precision := cmp.Or(t.Precision, 10) // MySQL's default
	if precision <= ExactDigits {
		check = condition(c, "typeof($) IN ('integer', 'real', 'null') AND abs($) < 1e%d AND round($, %d) = $",
			precision-t.Scale, t.Scale)
		if t.Unsigned {
			check += condition(c, " AND $ >= 0")
		}
		return &atlas.DecimalType{T: "numeric"}, check, nil
	}
	first, most, point := "[0-9]", precision, "0"
	if precision == t.Scale {
		first, most = "0.", precision+1
	}
	begins := "$ GLOB '%[1]s*'"
	if !t.Unsigned {
		begins = "($ GLOB '%[1]s*' OR $ GLOB '-%[1]s*')"
	}
	if t.Scale > 0 {
		point = condition(c, "length($) - %d", t.Scale)
	}
	// Equal numbers have equal texts: without zeros before the digits, and without -0.
	const digits = "replace(ltrim($, '-'), '.', '')"
	check = condition(c, isText+" AND "+begins+" AND "+digits+" NOT GLOB '*[^0-9]*' AND length("+digits+") <= %[2]d"+
		" AND instr($, '.') = %[3]s AND ltrim($, '-') NOT GLOB '0[0-9]*' AND ($ NOT GLOB '-*' OR ltrim($, '-0.') <> '')",
		first, most, point)
	return &atlas.StringType{T: "text"}, check, nil
}

// mostBytes are the maximum sizes of the text and blob types of MySQL, in bytes. longtext
// and longblob are missing, because their limit exceeds that of SQLite.
var mostBytes = map[string]int{"tinytext": 1<<8 - 1, "text": 1<<16 - 1, "mediumtext": 1<<24 - 1,
	"tinyblob": 1<<8 - 1, "blob": 1<<16 - 1, "mediumblob": 1<<24 - 1}

func textCheck(c *atlas.Column, t *atlas.StringType) string {
	typ, size := strings.ToLower(t.T), t.Size
	switch {
	case typ == "char":
		return condition(c, isText+" AND length($) <= %d", max(size, 1))
	case strings.HasSuffix(typ, "char"):
		return condition(c, isText+" AND length($) <= %d", size)
	case mostBytes[typ] > 0:
		return condition(c, isText+" AND length(CAST($ AS blob)) <= %d", mostBytes[typ])
	}
	return condition(c, isText)
}

func setCheck(c *atlas.Column, values []string) string {
	// The condition removes each member once. Only the commas around a valid set remain.
	left := condition(c, "',' || $ || ','")
	for _, v := range values {
		left = fmt.Sprintf("replace(%s, %s, ',')", left, "',"+v+",'")
	}
	return condition(c, isText+" AND %s IN (',', ',,')", left)
}

func binaryCheck(c *atlas.Column, t *atlas.BinaryType) string {
	typ := strings.ToLower(t.T)
	switch {
	case typ == "binary" && t.Size != nil:
		return condition(c, isBlob+" AND length($) = %d", max(*t.Size, 1))
	case typ == "binary":
		return condition(c, isBlob+" AND length($) = 1")
	case typ == "varbinary" && t.Size != nil:
		return condition(c, isBlob+" AND length($) <= %d", *t.Size)
	case mostBytes[typ] > 0:
		return condition(c, isBlob+" AND length($) <= %d", mostBytes[typ])
	}
	return condition(c, isBlob)
}

// timeType returns the type and the condition for a time type. The condition requires the
// form that the application writes, so that texts sort as times, and an existing day,
// because SQLite accepts February 31 as March 3. It tests the fraction separately, because
// SQLite rounds 59.9999 s up to the next minute.
func timeType(c *atlas.Column, t *atlas.TimeType) (typ atlas.Type, check string, err error) {
	const moment = "datetime(substr($, 1, 19)) IS substr($, 1, 19)" +
		" AND ltrim(substr($, 20), '.0123456789') IN ('', '+00:00')"
	switch strings.ToLower(t.T) {
	case mysql.TypeDateTime:
		return &atlas.TimeType{T: "datetime"}, condition(c, moment), nil
	case mysql.TypeTimestamp:
		const between = " AND substr($, 1, 19) BETWEEN '1970-01-01 00:00:01' AND '2038-01-19 03:14:07'"
		return &atlas.TimeType{T: "datetime"}, condition(c, moment+between), nil
	case mysql.TypeDate:
		return &atlas.TimeType{T: "datetime"}, condition(c, "date($) IS $"), nil
	case mysql.TypeYear:
		return &atlas.IntegerType{T: "integer"}, condition(c, isInteger+" AND ($ = 0 OR $ BETWEEN 1901 AND 2155)"), nil
	case mysql.TypeTime:
		return &atlas.StringType{T: "text"}, clockCheck(c), nil
	}
	return nil, "", fmt.Errorf("SQLite has no equivalent of the type %s", t.T)
}

// clockCheck accepts times from -838:59:59 to 838:59:59, with any number of fractional digits.
func clockCheck(c *atlas.Column) string {
	const (
		clock    = "substr($, 1 + ($ GLOB '-*'))" // without a sign
		seconds  = ":[0-5][0-9]:[0-5][0-9]*'"
		fraction = "substr($, instr($, ':') + 6)"
	)
	var hours []string
	for _, form := range []string{"[0-9][0-9]", "[0-7][0-9][0-9]", "8[0-2][0-9]", "83[0-8]"} {
		hours = append(hours, clock+" GLOB '"+form+seconds)
	}
	return condition(c, isText+" AND ("+strings.Join(hours, " OR ")+") AND rtrim("+fraction+", '0123456789') IN ('', '.')"+
		" AND "+fraction+" NOT GLOB '[0-9]*' AND "+fraction+" <> '.' AND "+clock+" NOT GLOB '838:59:59.*[1-9]*'")
}

// text returns s as a string literal of SQLite.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// AttrOf returns the first attribute of type T. ok is false if there is none.
func AttrOf[T atlas.Attr](attrs []atlas.Attr) (attr T, ok bool) {
	for _, a := range attrs {
		if attr, ok = a.(T); ok {
			return attr, true
		}
	}
	return attr, false
}

// HasAttr reports whether there is an attribute of type T.
func HasAttr[T atlas.Attr](attrs []atlas.Attr) bool {
	_, ok := AttrOf[T](attrs)
	return ok
}
