package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/mysql"
	atlas "ariga.io/atlas/sql/schema"
)

// TypeCheckName returns the name of the CHECK that holds a column on SQLite to its type.
func TypeCheckName(table, column string) string { return table + "_" + column + "_type" }

// TypeOf returns the type in MySQL's terms of a column of an SQLite table, as far as its
// type CHECK is one that [SQLite] writes, but for quotes around names. Types that have one
// CHECK are one type: char(n) is varchar(n), float is double, datetime is datetime(6). ok is
// false for a column without such a CHECK.
func TypeOf(t *atlas.Table, c *atlas.Column) (typ atlas.Type, ok bool) {
	for _, check := range t.Checks() {
		if check.Name == TypeCheckName(t.Name, c.Name) {
			return TypeOfCheck(c, check)
		}
	}
	return nil, false
}

// TypeOfCheck is [TypeOf] for a CHECK that is known.
func TypeOfCheck(c *atlas.Column, check *atlas.Check) (typ atlas.Type, ok bool) {
	wanted := normal(check.Expr)
	is := func(typ atlas.Type) bool {
		_, expr, err := sqliteType(atlas.NewColumn(c.Name).SetType(typ))
		return err == nil && normal(expr) == wanted
	}
	for _, name := range typeNames(check.Expr) {
		if typ, err := mysql.ParseType(name); err == nil && is(typ) {
			return typ, true
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
	checkNumber  = regexp.MustCompile(`\d+`)
	checkLiteral = regexp.MustCompile(`'((?:[^']|'')*)'`)
)

const typesWithoutSize = "bool,tinyint,tinyint unsigned,smallint,smallint unsigned,mediumint,mediumint unsigned,int," +
	"int unsigned,bigint,bigint unsigned,year,double,datetime(6),timestamp(6),date,time(6),json," +
	"tinytext,text,mediumtext,longtext,blob,mediumblob,longblob"

// typeNames returns the types of MySQL that a CHECK may stand for, with the sizes that it
// names.
func typeNames(check string) []string {
	names := strings.Split(typesWithoutSize, ",")
	for _, n := range checkNumber.FindAllString(check, -1) {
		names = append(names, "varchar("+n+")", "binary("+n+")", "varbinary("+n+")")
	}
	names = append(names, decimals(check)...)
	for bits := 2; bits < 64; bits++ {
		names = append(names, fmt.Sprintf("bit(%d)", bits))
	}
	return names
}

// decimals returns the decimal types that a CHECK may stand for: one names the digits in
// front of the point, or all of them, and the scale.
func decimals(check string) (names []string) {
	var numbers []int
	for _, text := range checkNumber.FindAllString(check, -1) {
		if n, err := strconv.Atoi(text); err == nil {
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

// memberTypes returns the enum and the set of the literals in a CHECK. In the CHECK of a
// set each member stands between commas. Atlas has members as SQL: a quote is doubled.
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
