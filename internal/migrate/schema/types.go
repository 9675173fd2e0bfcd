package schema

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
)

// ExactDigits is how many decimal digits SQLite's 8-byte numbers hold exactly.
const ExactDigits = 15

// columnType returns the type on SQLite of a column that has a type of MySQL. A name is
// chosen for its affinity (sqlite.org/datatype3.html), and so that drivers know what to
// read: bool is a boolean, datetime a time.
func columnType(t atlas.Type) (atlas.Type, error) {
	switch t := t.(type) {
	case *atlas.BoolType:
		return &atlas.BoolType{T: "bool"}, nil
	case *atlas.IntegerType:
		return &atlas.IntegerType{T: "integer"}, nil
	case *atlas.FloatType:
		return &atlas.FloatType{T: "real"}, nil
	case *atlas.DecimalType:
		if t.Precision > ExactDigits {
			return &atlas.StringType{T: "text"}, nil
		}
		return &atlas.DecimalType{T: "numeric"}, nil
	case *atlas.StringType, *atlas.EnumType, *mysql.SetType, *atlas.JSONType:
		// Not "json": its affinity is numeric, and turns the text 1.0 into the number 1.
		return &atlas.StringType{T: "text"}, nil
	case *atlas.BinaryType:
		return &atlas.BinaryType{T: "blob"}, nil
	case *mysql.BitType:
		if t.Size <= 1 {
			return &atlas.BoolType{T: "bool"}, nil
		}
		return &atlas.IntegerType{T: "integer"}, nil
	case *atlas.TimeType:
		switch t.T {
		case mysql.TypeYear:
			return &atlas.IntegerType{T: "integer"}, nil
		case mysql.TypeTime:
			return &atlas.StringType{T: "text"}, nil
		}
		return &atlas.TimeType{T: "datetime"}, nil
	}
	text, err := mysql.FormatType(t)
	if err != nil {
		text = fmt.Sprintf("%T", t)
	}
	return nil, fmt.Errorf("SQLite has no counterpart of the type %s", text)
}

// typeCheck returns the condition that holds a column on SQLite to what MySQL's type
// takes, "" for none. It is true or NULL for NULL: a CHECK passes both.
func typeCheck(c *atlas.Column) (string, error) {
	name := quoted(c.Name)
	is := func(types string) string { return "typeof(" + name + ") IN (" + types + ", 'null')" }
	switch t := c.Type.Type.(type) {
	case *atlas.BoolType:
		return name + " IN (0, 1)", nil
	case *atlas.IntegerType:
		if hasAutoIncrement(c) {
			return "", nil // the alias of the rowid is an integer by itself
		}
		return integerCheck(name, t), nil
	case *atlas.FloatType:
		// 9e999 is SQLite's infinity, which MySQL does not have.
		return is("'real'") + " AND abs(" + name + ") < 9e999", nil
	case *atlas.DecimalType:
		return decimalCheck(name, t), nil
	case *atlas.StringType:
		return textCheck(name, t), nil
	case *atlas.EnumType:
		return name + " IN ('" + strings.Join(t.Values, "', '") + "')", nil
	case *mysql.SetType:
		return setCheck(name, t.Values), nil
	case *atlas.JSONType:
		return is("'text'") + " AND json_valid(" + name + ")", nil
	case *atlas.BinaryType:
		return binaryCheck(name, t), nil
	case *mysql.BitType:
		if t.Size <= 1 {
			return name + " IN (0, 1)", nil
		}
		return fmt.Sprintf("%s AND %s BETWEEN 0 AND %d", is("'integer'"), name, uint64(1)<<min(t.Size, 63)-1), nil
	case *atlas.TimeType:
		return timeCheck(name, t)
	}
	return "", nil
}

func hasAutoIncrement(c *atlas.Column) bool {
	for _, a := range c.Attrs {
		if _, ok := a.(*mysql.AutoIncrement); ok {
			return true
		}
	}
	return false
}

// IntegerRange returns the least and the greatest value of an integer type. On both
// dialects bigint unsigned is written up to 2^63-1, the greatest integer of SQLite.
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

func integerCheck(name string, t *atlas.IntegerType) string {
	check := "typeof(" + name + ") IN ('integer', 'null')"
	switch least, greatest := IntegerRange(t); {
	case greatest < 1<<63-1:
		check += fmt.Sprintf(" AND %s BETWEEN %d AND %d", name, least, greatest)
	case t.Unsigned:
		check += " AND " + name + " >= 0"
	}
	return check
}

func decimalCheck(name string, t *atlas.DecimalType) string {
	precision := t.Precision
	if precision == 0 {
		precision = 10 // MySQL's default
	}
	if precision > ExactDigits {
		return longDecimalCheck(name, precision, t.Scale, t.Unsigned)
	}
	check := fmt.Sprintf("typeof(%s) IN ('integer', 'real', 'null') AND abs(%s) < 1e%d AND round(%s, %d) = %s",
		name, name, precision-t.Scale, name, t.Scale, name)
	if t.Unsigned {
		check += " AND " + name + " >= 0"
	}
	return check
}

// longDecimalCheck holds a decimal that is text to a sign, digits, and a point with as
// many digits after it as the type has.
func longDecimalCheck(name string, precision, scale int, unsigned bool) string {
	first, most := "[0-9]", precision
	if precision == scale {
		first, most = "0.", precision+1
	}
	begins := fmt.Sprintf("%s GLOB '%s*'", name, first)
	if !unsigned {
		begins = fmt.Sprintf("(%s OR %s GLOB '-%s*')", begins, name, first)
	}
	point := "0"
	if scale > 0 {
		point = fmt.Sprintf("length(%s) - %d", name, scale)
	}
	digits := fmt.Sprintf("replace(ltrim(%s, '-'), '.', '')", name)
	return fmt.Sprintf("typeof(%s) IN ('text', 'null') AND %s AND %s NOT GLOB '*[^0-9]*' AND length(%s) <= %d"+
		" AND instr(%s, '.') = %s", name, begins, digits, digits, most, name, point)
}

// textBytes are the bytes that a text of MySQL holds. A longtext holds more than an
// SQLite database does.
var textBytes = map[string]int{"tinytext": 1<<8 - 1, "text": 1<<16 - 1, "mediumtext": 1<<24 - 1}

func textCheck(name string, t *atlas.StringType) string {
	check := "typeof(" + name + ") IN ('text', 'null')"
	typ := strings.ToLower(t.T)
	switch size := t.Size; {
	case strings.HasSuffix(typ, "char"):
		if typ == "char" && size == 0 {
			size = 1
		}
		check += fmt.Sprintf(" AND length(%s) <= %d", name, size)
	case textBytes[typ] > 0:
		check += fmt.Sprintf(" AND length(CAST(%s AS blob)) <= %d", name, textBytes[typ])
	}
	return check
}

func setCheck(name string, values []string) string {
	// Take each member out once: nothing is left of a set but the commas around it.
	left := "',' || " + name + " || ','"
	for _, v := range values {
		left = fmt.Sprintf("replace(%s, %s, ',')", left, "',"+v+",'")
	}
	return fmt.Sprintf("typeof(%s) IN ('text', 'null') AND %s IN (',', ',,')", name, left)
}

var blobBytes = map[string]int{"tinyblob": 1<<8 - 1, "blob": 1<<16 - 1, "mediumblob": 1<<24 - 1}

func binaryCheck(name string, t *atlas.BinaryType) string {
	check := "typeof(" + name + ") IN ('blob', 'null')"
	typ := strings.ToLower(t.T)
	switch size := t.Size; {
	case typ == "binary":
		if size == nil || *size == 0 {
			return check + " AND length(" + name + ") = 1"
		}
		return check + fmt.Sprintf(" AND length(%s) = %d", name, *size)
	case typ == "varbinary" && size != nil:
		return check + fmt.Sprintf(" AND length(%s) <= %d", name, *size)
	case blobBytes[typ] > 0:
		return check + fmt.Sprintf(" AND length(%s) <= %d", name, blobBytes[typ])
	}
	return check
}

// timeCheck holds a time to the form that the application writes, so that text compares
// as time does, and to a day that there is: to SQLite itself February 31 is March 3. The
// fraction is looked at apart, because SQLite rounds 59.9999 s up to the next minute.
func timeCheck(name string, t *atlas.TimeType) (string, error) {
	isText := "typeof(" + name + ") IN ('text', 'null')"
	moment := fmt.Sprintf("datetime(substr(%[1]s, 1, 19)) IS substr(%[1]s, 1, 19)"+
		" AND ltrim(substr(%[1]s, 20), '.0123456789') IN ('', '+00:00')", name)
	switch strings.ToLower(t.T) {
	case mysql.TypeDateTime:
		return moment, nil
	case mysql.TypeTimestamp:
		return moment + " AND substr(" + name + ", 1, 19) BETWEEN '1970-01-01 00:00:01' AND '2038-01-19 03:14:07'", nil
	case mysql.TypeDate:
		return fmt.Sprintf("date(%[1]s) IS substr(%[1]s, 1, 10)", name), nil
	case mysql.TypeYear:
		return fmt.Sprintf("typeof(%[1]s) IN ('integer', 'null') AND (%[1]s = 0 OR %[1]s BETWEEN 1901 AND 2155)", name), nil
	case mysql.TypeTime:
		// -838:59:59 to 838:59:59, with up to six digits after a point.
		clock := "ltrim(" + name + ", '-')"
		return fmt.Sprintf("%[1]s AND (%[2]s GLOB '[0-9][0-9]:%[3]s*' OR %[2]s GLOB '[0-8][0-9][0-9]:%[3]s*')",
			isText, clock, "[0-5][0-9]:[0-5][0-9]"), nil
	}
	return "", fmt.Errorf("SQLite has no counterpart of the type %s", t.T)
}

// text is a string literal of SQLite.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
