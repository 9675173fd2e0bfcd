package plan

import (
	"cmp"
	"fmt"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// The limits of a row (dev.mysql.com/doc/refman/en/column-count-limit.html).
const (
	maxRowBytes  = 65535 // of all columns, without the contents of texts and blobs
	maxPageBytes = 8126  // of what InnoDB keeps in a page of 16 KB
	// pointerBytes are what a page keeps of a long value that is stored elsewhere.
	pointerBytes = 40
)

// refuseRow returns an error if the columns of a table are too large for a row.
func refuseRow(t *schema.Table) error {
	row, page, nullable := 0, 5+6+7, 0 // of each record, transaction and rollback pointer
	if t.PrimaryKey == nil {
		page += 6
	}
	for _, c := range t.Columns {
		if expr, ok := declared.AttrOf[*schema.GeneratedExpr](c.Attrs); ok && !strings.EqualFold(expr.Type, "STORED") {
			continue
		}
		inRow, inPage := columnBytes(t, c)
		row, page = row+inRow, page+inPage
		if c.Type.Null {
			nullable++
		}
	}
	row, page = row+(nullable+7)/8, page+(nullable+7)/8
	const advice = "shorten columns, or use text for long ones"
	if row > maxRowBytes {
		return fmt.Errorf("table %q: its columns have up to %d bytes in a row, and MySQL allows %d: %s",
			t.Name, row, maxRowBytes, advice)
	}
	if page > maxPageBytes {
		return fmt.Errorf("table %q: its columns have at least %d bytes in a page, and MySQL allows %d: move columns to "+
			"another table", t.Name, page, maxPageBytes)
	}
	return nil
}

// columnBytes returns the maximum size of a column in a row, and what InnoDB keeps of it in a
// page at least.
func columnBytes(t *schema.Table, c *schema.Column) (row, page int) {
	size, long := 1, 0
	switch typ := c.Type.Type.(type) {
	case *schema.StringType:
		size, long = max(typ.Size, 1)*bytesOf(t, c), longBytes[typ.T]
		if typ.T == "char" && bytesOf(t, c) == 1 {
			return size, size
		}
		if typ.T == "char" {
			return size, min(size, pointerBytes) + lengthBytes(size)
		}
	case *schema.BinaryType:
		if typ.Size != nil {
			size = *typ.Size
		}
		long = longBytes[typ.T]
		if typ.T == "binary" {
			return size, size
		}
	case *schema.JSONType, *schema.SpatialType:
		long = longBytes["longtext"]
	default:
		size = fixedBytes(c.Type.Type)
		return size, size
	}
	if long > 0 {
		return long, pointerBytes + 1
	}
	return size + lengthBytes(size), min(size, pointerBytes) + lengthBytes(size)
}

// longBytes are the sizes of a text or a blob in a row, without its contents.
var longBytes = map[string]int{"tinytext": 9, "text": 10, "mediumtext": 11, "longtext": 12,
	"tinyblob": 9, "blob": 10, "mediumblob": 11, "longblob": 12}

// lengthBytes are those of the length of a varchar or a varbinary.
func lengthBytes(size int) int {
	if size > 255 {
		return 2
	}
	return 1
}

func fixedBytes(t schema.Type) int {
	switch t := t.(type) {
	case *schema.IntegerType:
		return cmp.Or(map[string]int{"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4}[t.T], 8)
	case *schema.DecimalType:
		digits := func(n int) int { return n/9*4 + (n%9+1)/2 }
		precision := cmp.Or(t.Precision, 10)
		return digits(precision-t.Scale) + digits(t.Scale)
	case *schema.FloatType:
		return cmp.Or(map[string]int{"float": 4}[t.T], 8)
	case *schema.TimeType:
		size := map[string]int{"year": 1, "date": 3, "time": 3, "timestamp": 4, "datetime": 5}[t.T]
		if t.Precision != nil {
			size += (*t.Precision + 1) / 2
		}
		return size
	case *schema.EnumType:
		return 1 + min(len(t.Values)/256, 1)
	case *mysql.SetType:
		return (len(t.Values) + 7) / 8
	case *mysql.BitType:
		return (max(t.Size, 1) + 7) / 8
	}
	return 1
}
