package schema

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
)

// TypeCheckName returns the name of the CHECK that enforces the type of a column on SQLite.
func TypeCheckName(table, column string) string { return table + "_" + column + "_type" }

// TypeOf returns the MySQL type of a column of an SQLite table, from the type CHECK that
// [SQLite] writes. Quotes around names can differ. If several types have the same CHECK, it
// returns one of them: varchar(n) for char(n), double for float, datetime(6) for datetime.
// ok is false for a column without such a CHECK.
func TypeOf(t *atlas.Table, c *atlas.Column) (typ atlas.Type, ok bool) {
	for _, check := range t.Checks() {
		if check.Name == TypeCheckName(t.Name, c.Name) {
			return TypeOfCheck(c, check)
		}
	}
	return nil, false
}

// TypeOfCheck does the same as [TypeOf] for a given CHECK.
func TypeOfCheck(c *atlas.Column, check *atlas.Check) (typ atlas.Type, ok bool) {
	wanted := normal(check.Expr)
	is := func(typ atlas.Type) bool {
		_, expr, err := sqliteType(atlas.NewColumn(c.Name).SetType(typ))
		return err == nil && normal(expr) == wanted
	}
	for _, names := range []func(string) []string{typeNames, decimals} {
		for _, name := range names(check.Expr) {
			if typ, err := mysql.ParseType(name); err == nil && is(typ) {
				return typ, true
			}
		}
	}
	for _, typ := range memberTypes(check.Expr) {
		if is(typ) {
			return typ, true
		}
	}
	return nil, false
}

var (
	checkNumber  = lazyregexp.New(`\d+`)
	checkLiteral = lazyregexp.New(`'((?:[^']|'')*)'`)
)

const typesWithoutSize = "bool,tinyint,tinyint unsigned,smallint,smallint unsigned,mediumint,mediumint unsigned,int," +
	"int unsigned,bigint,bigint unsigned,year,double,datetime(6),timestamp(6),date,time(6),json," +
	"tinytext,text,mediumtext,longtext,blob,mediumblob,longblob"

// typeNames returns the MySQL types that a CHECK can enforce, with the sizes that it
// contains, without those of [decimals].
func typeNames(check string) []string {
	names := strings.Split(typesWithoutSize, ",")
	for _, n := range checkNumber.FindAllString(check, -1) {
		names = append(names, "varchar("+n+")", "binary("+n+")", "varbinary("+n+")")
		// The largest value of bit(n) has n bits, all of them 1.
		largest, err := strconv.ParseUint(n, 10, 63)
		if size := bits.Len64(largest); err == nil && size > 1 && largest == 1<<size-1 {
			names = append(names, fmt.Sprintf("bit(%d)", size))
		}
	}
	return names
}

// decimals returns the decimal types that a CHECK can enforce. A CHECK contains the scale,
// and the number of all digits or of those before the point.
func decimals(check string) (names []string) {
	var numbers []int
	for _, text := range checkNumber.FindAllString(check, -1) {
		if n, err := strconv.Atoi(text); err == nil && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	for _, digits := range numbers {
		for _, scale := range append(numbers, 0) {
			for _, precision := range []int{digits, digits - 1, digits + scale} {
				if precision > 0 && precision >= scale {
					name := fmt.Sprintf("decimal(%d,%d)", precision, scale)
					names = append(names, name, name+" unsigned")
				}
			}
		}
	}
	return names
}

// memberTypes returns an enum and a set with the literals in a CHECK as members. In the
// CHECK of a set, each member is between commas. Quotes in members stay doubled, as Atlas
// requires.
func memberTypes(check string) []atlas.Type {
	enum, set := &atlas.EnumType{T: mysql.TypeEnum}, &mysql.SetType{}
	for _, m := range checkLiteral.FindAllStringSubmatch(check, -1) {
		member := m[1]
		enum.Values = append(enum.Values, member)
		if len(member) > 2 && strings.HasPrefix(member, ",") && strings.HasSuffix(member, ",") {
			set.Values = append(set.Values, member[1:len(member)-1])
		}
	}
	return []atlas.Type{enum, set}
}
