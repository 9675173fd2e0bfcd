package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/migrate/schema"
	"slipway/internal/test/dbtest"
)

// expressions are conditions in MySQL's terms, over the columns of expressionTable.
var expressions = []string{
	"a > 0", "a >= 0 AND b < 10", "a <> b", "a != b", "NOT a = 1", "`a` + b * 2 > 10", "a - -1 > 1", "(a + b) * 2 < 20",
	"a / 2 = 0.5", "b - a / 2 > 1", "a / 2 * b > 1", "a <=> b", "a <=> NULL", "a IS NULL OR a IS NOT NULL AND a > 0",
	"a IN (1, 2, 3)",
	"a NOT IN (1, 2)", "a BETWEEN 1 AND 5", "a NOT BETWEEN 1 AND 5", "a > 0 && b > 0",
	"CASE WHEN a = 1 THEN b ELSE 2 END = 2",
	"s = 'x'", `s = "x"`, "s = 'it''s'", `s = 'it\'s'`, `s = "a\\b"`, `s <> ''`, "s LIKE 'a%'", "s NOT LIKE '_b%'",
	"s LIKE '[%'", "s LIKE '%?'", "s = _utf8mb4'x'",
	"CHAR_LENGTH(s) > 1", "CHARACTER_LENGTH(s) <= 2", "LENGTH(s) = 3", "octet_length(s) < 4", "CONCAT(s, '-', s2) = 'x-y'",
	"CONCAT(s) = 'x'", "COALESCE(s, 'none') = 'none'", "IFNULL(a, 1) = 1", "NULLIF(a, b) IS NULL", "IF(a > 1, b, 5) = 5",
	"ABS(a) = 1", "LOWER(s) = 'abc'", "UPPER(s) = 'ABC'", "TRIM(s) = 'x'", "LTRIM(s) = 'x'", "RTRIM(s) = 'x'",
	"REPLACE(s, 'b', '') = 'ac'", "INSTR(s, 'b') = 2", "SUBSTRING(s, 2) = 'bc'", "SUBSTR(s, 1, 1) = 'a'",
	"LEFT(s, 2) = 'ab'",
	"GREATEST(a, b) = 2", "LEAST(a, b) = 1", "JSON_VALID(s)", "NOT f", "f = TRUE", "f IN (false)", "d > 1e0 AND d < .5e1",
	"a > 0 or s = 'x' and b = 2", "(((a > 0)))", "a * b > -1.5", "A > 0",
}

const expressionTable = `
table %q {
  schema  = schema.app
  charset = "utf8mb4"
  collate = "utf8mb4_0900_bin"
  column "n" { type = int }
  column "a" {
    type = int
    null = true
  }
  column "b" {
    type = int
    null = true
  }
  column "d" {
    type = double
    null = true
  }
  column "s" {
    type = varchar(20)
    null = true
  }
  column "s2" {
    type = varchar(20)
    null = true
  }
  column "f" {
    type = bool
    null = true
  }
  check "%[1]s_c" { expr = %[2]q }
}
`

// expressionRows are values for a, b, d, s, s2, f.
var expressionRows = []string{
	"1, 2, 2.5, 'x', 'y', true", "2, 2, 2.45, 'abc', 'y', false", "-1, 0, 3.4, '', '', true",
	"NULL, NULL, NULL, NULL, NULL, NULL",
	"0, 10, 0, 'it''s', 'x', false", "6, 1, 1e10, ' x ', ' ', true", "1, 1, -2.5, 'ä', 'ä', NULL",
	"3, NULL, 2.51, 'ABC', NULL, false",
	"5, 5, 1.0, '[1]', 'b', true", "1, 4, 4.5, 'a\x5c\x5cb', 'x', true",
}

// TestExpressions checks that a CHECK accepts the same rows on SQLite and on MySQL.
func TestExpressions(t *testing.T) {
	t.Parallel()
	taken := map[string][]string{}
	for _, dialect := range []string{"mysql", "sqlite"} {
		db := dbtest.Open(t, dbtest.New(t, dialect))
		for i, expr := range expressions {
			table := fmt.Sprintf("t%d", i)
			create(t, db, dialect, fmt.Sprintf(expressionTable, table, expr))
			var rows strings.Builder
			for n, row := range expressionRows {
				if dialect == "sqlite" {
					row = strings.ReplaceAll(row, `\\`, `\`)
				}
				_, err := db.ExecContext(t.Context(), fmt.Sprintf("INSERT INTO %s (n, a, b, d, s, s2, f) VALUES (%d, %s)", table,
					n, row))
				switch {
				case err == nil:
					fmt.Fprint(&rows, n)
				case !strings.Contains(err.Error(), table+"_c"):
					t.Errorf("%s: %s: row %d: %v", dialect, expr, n, err)
				}
			}
			taken[dialect] = append(taken[dialect], rows.String())
		}
	}
	for i, expr := range expressions {
		if taken["mysql"][i] != taken["sqlite"][i] {
			t.Errorf("%s: MySQL accepts the rows %s, SQLite %s", expr, taken["mysql"][i], taken["sqlite"][i])
		}
	}
}

// TestExpressionsLeftOut checks that a CHECK with another meaning on SQLite, or none, is left out
// there, with the reason.
func TestExpressionsLeftOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, want string }{
		{"a || b", "operator ||"},
		{"a XOR b", "XOR"},
		{"a DIV b > 0", "DIV"},
		{"a % 2 = 0", "operator %"},
		{"a & 1", "operator &"},
		{"!f", "operator !"},
		{"s -> '$.a' = 1", "operator ->"},
		{"s REGEXP 'a'", "REGEXP"},
		{"s COLLATE utf8mb4_bin = 'a'", "COLLATE"},
		{"CAST(a AS char) = '1'", "function CAST"},
		{"a = 0x10", "0x10"},
		{"a / b > 1", "a division by anything but a number other than 0"},
		{"a / 0.0 > 1", "a division by anything but a number other than 0"},
		{"ROUND(d) = 2", "function ROUND"}, // 2.5 is 2 as a double, 3 as a decimal
		{"s LIKE s2", "LIKE with anything but a pattern in quotes, without a backslash,"},
		{"s LIKE 'a!%' ESCAPE '!'", "ESCAPE"},
		{"SHA2(s, 256) = 'a'", "function SHA2"},
		{`s LIKE 'a\_%'`, "LIKE with anything but a pattern in quotes, without a backslash,"},
	} {
		made, err := schema.SQLite("schema.hcl", []byte("schema \"app\" {}\n"+fmt.Sprintf(expressionTable, "t", c.expr)))
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		got, want := schema.LeftOut(made), "t: the check t_c is left out on SQLite: "+c.want+" has no equivalent there"
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", c.expr, got, want)
		}
	}
}

// TestExpressionsRefused checks that an invalid expression is an error with its position. Atlas
// accepts it.
func TestExpressionsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ expr, want string }{
		{"nope > 1", "nope is neither a column of the table"},
		{"a > 0 -- positive", "comments are not supported in an expression"},
		{"(a > 0", "the expression ends too early"},
		{"a > 0)", "operator ) is not supported"},
		{"LEFT(s) = 'a'", "LEFT has too few arguments"},
		{"s = 'a", "closing quote ' is missing"},
		{"", "the expression ends too early"},
	} {
		text := []byte("schema \"app\" {}\n" + fmt.Sprintf(expressionTable, "t", c.expr))
		if _, err := schema.MySQL("schema.hcl", text); err != nil {
			t.Errorf("%s: %v", c.expr, err)
		}
		_, err := schema.SQLite("schema.hcl", text)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "schema.hcl:") {
			t.Errorf("%s: %v; want %s", c.expr, err, c.want)
		}
	}
}
