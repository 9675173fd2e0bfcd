package resource_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"slipway/internal/resource"
)

// FuzzDecimal checks a decimal against big.Rat: it is accepted exactly if the column can
// have it, and equal to it.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"12.50", "-0", "1.5e1", "1e-2", "99999999.99", "1e8", "0.001", "00", "1.", ".1",
		"1e99999"} {
		f.Add(s)
	}
	hundred := big.NewRat(100, 1)
	f.Fuzz(func(t *testing.T, s string) {
		quoted, err := json.Marshal(s)
		if err != nil || len(s) > 1000 {
			return
		}
		rows, _, err := typedTable.DecodeRows([]byte(`{"price":` + string(quoted) + `}`))
		if !json.Valid([]byte(s)) || strings.Trim(s, "0123456789.eE+-") != "" {
			if err == nil {
				t.Fatalf("%q is not a number", s)
			}
			return
		}
		if _, power, _ := strings.Cut(strings.ToLower(s), "e"); len(strings.TrimLeft(power, "+-0")) > 3 {
			return // big.Rat would write all zeros
		}
		want, _ := new(big.Rat).SetString(s)
		fits := new(big.Rat).Mul(want, hundred).IsInt() && new(big.Rat).Abs(want).Cmp(big.NewRat(100_000_000, 1)) < 0
		if fits != (err == nil) {
			t.Fatalf("%s fits: %v, but %v", s, fits, err)
		}
		if err == nil && rows.Row(0).(*typed).Price.Rat().Cmp(want) != 0 {
			t.Fatalf("%s is %v", s, rows.Row(0).(*typed).Price)
		}
		value, code, _ := typedTable.Field("price").Parse(s)
		if code != "" || fits && value.(decimal.Decimal).Rat().Cmp(want) != 0 {
			t.Fatalf("the filter %s is %v, %s", s, value, code)
		}
		for _, cents := range []int64{-9_999_999_999, -1, 0, 1, 1250, 9_999_999_999} {
			if a, b := decimal.New(cents, -2).Cmp(value.(decimal.Decimal)), big.NewRat(cents, 100).Cmp(want); a != b {
				t.Fatalf("%d cents compare with the filter %s as %d, want %d", cents, s, a, b)
			}
		}
	})
}

// FuzzJSON checks that the canonical form of a value is JSON with the same meaning, and that
// it does not change again.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":[1.0,2e2,null,true],"b":"é\u2028"}`, `[[[]]]`, `-0.0`,
		`18446744073709551616`, `1e999`,
		`"\ud800"`, `{"":{"":{}}}`, `{"aa":1,"a":2,"a\u0000":3}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var j resource.JSON
		if err := j.Scan(text); err != nil || !json.Valid([]byte(j)) {
			t.Fatalf("%q is scanned as %q: %v", text, j, err)
		}
		if again := resource.JSON(""); again.Scan(string(j)) != nil || again != j {
			t.Fatalf("%q is scanned as %q, then as %q", text, j, again)
		}
		if !json.Valid(text) || !utf8.Valid(text) {
			return
		}
		var want, got any
		if json.Unmarshal(text, &want) == nil && (json.Unmarshal([]byte(j), &got) != nil || !reflect.DeepEqual(want,
			got)) {
			t.Fatalf("%q is %v, its form %q is %v", text, want, j, got)
		}
		rows, _, err := typedTable.DecodeRows([]byte(`{"data":` + string(text) + `}`))
		if err == nil && rows.Row(0).(*typed).Data != nil && *rows.Row(0).(*typed).Data != j {
			t.Fatalf("%q is read as %q, scanned as %q", text, *rows.Row(0).(*typed).Data, j)
		}
	})
}

// FuzzTexts checks that a text of each type is refused, or survives a roundtrip through JSON
// and through the text that SQL writes.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"12:34:56.5", "-838:59:59", "2026-01-31", "AAE=",
		"0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f80", "a", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		quoted, err := json.Marshal(s)
		if err != nil {
			return
		}
		for _, name := range []string{"clock", "alarm", "day", "digest", "token", "owner", "kind"} {
			field := typedTable.Field(name)
			rows, _, err := typedTable.DecodeRows([]byte(`{"` + name + `":` + string(quoted) + `}`))
			if err != nil {
				continue
			}
			body := typedTable.View([]string{name}).Append(nil, rows, 0)
			again, _, err := typedTable.DecodeRows(body)
			if err != nil || !reflect.DeepEqual(rows.Pointer(), again.Pointer()) {
				t.Fatalf("%s: roundtrip of %q through %s: %v", name, s, body, err)
			}
			row := rows.Row(0).(*typed)
			switch name {
			case "clock", "alarm":
				var c resource.Clock
				text := field.Stored(field.Of(row)).(string)
				if err := c.Scan([]byte(text)); err != nil || c != field.Of(row) {
					t.Fatalf("%s: %q is written as %s, and read as %v: %v", name, s, text, c, err)
				}
			case "token":
				want, err := base64.StdEncoding.DecodeString(s)
				if err != nil || !bytes.Equal(want, *row.Token) || len(want) > 3 {
					t.Fatalf("%q is %v, want %v: %v", s, *row.Token, want, err)
				}
			case "owner":
				var u resource.UUID
				value, _ := row.Owner.Value() // never fails
				if err := u.Scan(value); err != nil || u != *row.Owner || u.String() != strings.ToLower(s) {
					t.Fatalf("%q is %s, %v", s, u, err)
				}
			}
		}
	})
}
