package resource_test

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"slipway/internal/resource"
)

// typed is a row with a column of each type that is not a basic one.
type typed struct {
	ID     int64            `json:"id" rule:"readonly"`
	Price  *decimal.Decimal `json:"price" gorm:"type:decimal(10,2)"`
	Money  *decimal.Decimal `json:"money" gorm:"type:decimal(65,30) unsigned"`
	Count  *uint64          `json:"count" gorm:"type:bigint unsigned"`
	Kind   *string          `json:"kind" gorm:"type:enum('a','it''s','b,c','')"`
	Tags   *resource.Set    `json:"tags" gorm:"type:set('x','y','it''s')"`
	Data   *resource.JSON   `json:"data" gorm:"type:json"`
	Day    *resource.Date   `json:"day" gorm:"type:date"`
	Clock  *resource.Clock  `json:"clock" gorm:"type:time(3)"`
	Alarm  *resource.Clock  `json:"alarm" gorm:"type:time"`
	Digest *[]byte          `json:"digest" gorm:"type:binary(2)"`
	Token  *[]byte          `json:"token" gorm:"type:varbinary(3)"`
	Owner  *resource.UUID   `json:"owner" gorm:"type:binary(16)"`
}

var typedTable = resource.Of[typed]("typed")

// written returns the JSON of a member after a value of JSON was decoded, or the code of the
// fault.
func written(t *testing.T, name, value string) string {
	t.Helper()
	rows, _, err := typedTable.DecodeRows([]byte(`{"` + name + `":` + value + `}`))
	if invalid, ok := errors.AsType[*resource.InvalidError](err); ok && len(invalid.Faults) == 1 {
		if x := invalid.Faults[0]; x.Field != name || !strings.HasSuffix(x.Detail, x.Detail) || len(x.Detail) > 200 {
			t.Errorf("%s: %.60s: %+v", name, value, x)
		}
		return invalid.Faults[0].Code
	}
	if err != nil {
		t.Fatalf("%s: %.60s: %v", name, value, err)
	}
	row := string(typedTable.View([]string{name}).Append(nil, rows, 0))
	return strings.TrimSuffix(strings.TrimPrefix(row, `{"`+name+`":`), "}")
}

// TestTypes checks what a value in a body becomes in a response, or the code of its fault.
func TestTypes(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for name, values := range map[string][][2]string{
		"price": {{"12.5", `"12.50"`}, {`"12.5"`, `"12.50"`}, {"1.5e1", `"15.00"`}, {`"1.500"`, `"1.50"`}, {"-0",
			`"0.00"`},
			{`"-0.00"`, `"0.00"`}, {"99999999.99", `"99999999.99"`}, {"1e8", "out_of_range"}, {"0.001", "out_of_range"},
			{`"\u0031"`, `"1.00"`}, {"1e999999999999", "out_of_range"}, {"1e-999999999999", "out_of_range"},
			{"0e999999999999", `"0.00"`}, {`""`, "type"}, {`" 1"`, "type"}, {`"1,5"`, "type"}, {`"0x1"`, "type"},
			{`"NaN"`, "type"}, {`"1e"`, "type"}, {`"-"`, "type"}, {"true", "type"}, {"{}", "type"}, {"null", "null"}},
		"money": {{`"12345678901234567890123456789012345.123456789012345678901234567890"`,
			`"12345678901234567890123456789012345.123456789012345678901234567890"`}, {"-1", "out_of_range"}},
		"count": {{"0", "0"}, {"1e2", "100"}, {"9223372036854775807", "9223372036854775807"},
			{"9223372036854775808", "out_of_range"}, {"-1", "out_of_range"}, {"1.5", "type"}, {`"1"`, "type"}},
		"kind": {{`"a"`, `"a"`}, {`"it's"`, `"it's"`}, {`"b,c"`, `"b,c"`}, {`""`, `""`}, {`"A"`, "out_of_range"}, {"1",
			"type"}},
		"tags": {{`[]`, `[]`}, {`["y","x","y"]`, `["x","y"]`}, {`[ "it's" ]`, `["it's"]`}, {`["z"]`, "out_of_range"},
			{`[1]`, "type"}, {`"x"`, "type"}, {`{"x":1}`, "type"}, {`["x,y"]`, "out_of_range"}},
		"data": {{` { "b" : 1 , "a" : [ 1.0 , 1e2 , -0.0 ] } `, `{"a":[1,100,0],"b":1}`}, {`{"a":1,"a":{"b":2,"b":3}}`,
			`{"a":{"b":3}}`},
			{`{"é":1,"z":2,"😀":3,"\uffff":4}`, `{"z":2,"é":1,"` + "\uffff" + `":4,"😀":3}`}, {`{"\u0061":1,"b":2,"a":3}`,
				`{"a":3,"b":2}`},
			{`"\u00e9\/\u0001"`, `"é/\u0001"`}, {"18446744073709551615", "18446744073709551615"},
			{"18446744073709551616", "18446744073709552000"}, {"-9223372036854775808", "-9223372036854775808"},
			{"1e-7", "1e-7"}, {"1e21", "1e+21"}, {"1e309", "out_of_range"}, {"-1e400", "out_of_range"}, {`"\ud800"`,
				"invalid_text"},
			{`{"\udc00":1}`, "invalid_text"}, {deep(100), deep(100)}, {deep(101), "out_of_range"}, {deep(5000),
				"out_of_range"},
			{`{"` + strings.Repeat("x", 1<<16) + `":1}`, "too_long"}, {"true", "true"}, {`""`, `""`}},
		"day": {{`"2024-02-29"`, `"2024-02-29"`}, {`"2023-02-29"`, "type"}, {`"0999-12-31"`, "out_of_range"},
			{`"0000-00-00"`, "type"}, {`"2024-2-9"`, "type"}, {"20240229", "type"}},
		"clock": {{`"12:34:56"`, `"12:34:56.000"`}, {`"-838:59:59"`, `"-838:59:59.000"`}, {`"00:00:00.9999"`,
			`"00:00:00.999"`},
			{`"-00:00:00.0009"`, `"00:00:00.000"`}, {`"007:00:00"`, `"07:00:00.000"`}, {`"838:59:59.001"`, "out_of_range"},
			{`"900:00:00"`, "out_of_range"}, {`"24:60:00"`, "type"}, {`"1:00:00"`, "type"}, {`"+1:00:00"`, "type"},
			{`"12:00:00."`, "type"}, {`"12:00:00.x"`, "type"}, {`"1234:00:00"`, "type"}, {"1", "type"}},
		"alarm": {{`"838:59:59.999"`, `"838:59:59"`}, {`"-01:00:00.5"`, `"-01:00:00"`}},
		"digest": {{`"AAE="`, `"AAE="`}, {`"AA=="`, "out_of_range"}, {`"AAEC"`, "out_of_range"}, {`"AAF="`, "type"},
			{`"AAE"`, "type"}},
		"token": {{`""`, `""`}, {`"/+A="`, `"/+A="`}, {`"AAECAw=="`, "too_long"}, {`"_-A="`, "type"}, {`"AA==\n"`,
			"type"}, {"[0]", "type"}},
		"owner": {{`"0197B0A4-7d3c-7c1e-9f2a-3b4c5d6e7f80"`, `"0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f80"`},
			{`"0197b0a47d3c7c1e9f2a3b4c5d6e7f80"`, "type"}, {`"0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f8g"`, "type"}, {`""`,
				"type"}, {"0", "type"}},
	} {
		for _, c := range append(values, [2]string{"null", "null"}) {
			if got := written(t, name, c[0]); got != c[1] {
				t.Errorf("%s: %.60s is written as %.60s, want %.60s", name, c[0], got, c[1])
			}
		}
	}
}

// TestParse checks the values of filters.
func TestParse(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][][2]string{
		"price": {{"12.5", "12.5"}, {"0.005", "0.005"}, {"0.001", "0.005"}, {"-0.001", "-0.005"}, {"1.239999", "1.235"},
			{"1e999999999999", "100000000"}, {"-1e8", "-100000000"}, {"1e-999999999999", "0.005"}, {"x", "type"}, {"1_0",
				"type"}},
		"money": {{"1", "1"}, {"1e40", "out_of_range"}, {"1e-31", "out_of_range"}},
		"count": {{"18446744073709551615", "18446744073709551615"}, {"18446744073709551616", "type"}, {"-1", "type"},
			{"+1", "type"}},
		"tags":  {{"x", "x"}, {"z", "out_of_range"}, {"x,y", "out_of_range"}},
		"day":   {{"0001-01-01", "0001-01-01"}, {"0000-01-01", "type"}},
		"clock": {{"12:34:56.1234567", "12:34:56.123456"}, {"839:00:00", "out_of_range"}},
		"token": {{"AAECAwQ=", "[0 1 2 3 4]"}, {"AA", "type"}, {"", "[]"}},
		"owner": {{"0197B0A4-7d3c-7c1e-9f2a-3b4c5d6e7f80", "0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f80"}, {"x", "type"}},
	} {
		for _, c := range values {
			value, code, predicate := typedTable.Field(name).Parse(c[0])
			got := code
			if code == "" {
				got = fmt.Sprint(value)
			}
			if got != c[1] || code != "" && !strings.HasPrefix(predicate, "must ") {
				t.Errorf("%s: %s is parsed as %s (%s), want %s", name, c[0], got, predicate, c[1])
			}
		}
	}
}

// TestParseOrders checks that the number to compare a decimal with is on the same side of
// each value of the column as the number in the filter.
func TestParseOrders(t *testing.T) {
	t.Parallel()
	f := typedTable.Field("price")
	const texts = "0.005 0.0049999 -0.0000001 1.115 1.1149 99999999.995 1e9 -1e9 99999999.99 0 1e-30"
	for _, text := range strings.Fields(texts) {
		value, _, _ := f.Parse(text)
		exact, _ := new(big.Rat).SetString(text)
		for _, column := range strings.Fields("-99999999.99 -0.01 0.00 0.01 1.11 1.12 99999999.98 99999999.99") {
			x, _ := new(big.Rat).SetString(column)
			if got, want := decimal.RequireFromString(column).Cmp(value.(decimal.Decimal)), x.Cmp(exact); got != want {
				t.Errorf("%s compares with %s as %d, want %d", column, text, got, want)
			}
		}
	}
}

// TestDecimalLimits checks that limits of decimals are exact.
func TestDecimalLimits(t *testing.T) {
	t.Parallel()
	table := resource.Of[priced]("prices")
	for body, want := range map[string]string{
		`{"price":0.3}`: "", `{"price":"9007199254740993.1"}`: "", `{"price":0.2}`: "Price must be at least 0.3",
		`{"price":"9007199254740993.2"}`: "Price must be at most 9007199254740993.1",
	} {
		_, _, err := table.DecodeRows([]byte(body))
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
}

type priced struct {
	ID    int64           `json:"id" rule:"readonly"`
	Price decimal.Decimal `json:"price" gorm:"type:decimal(17,1)"`
}

// Rules returns the limits of the price.
func (l *priced) Rules() []resource.Rule {
	return []resource.Rule{resource.Min(&l.Price, 0.3), resource.Min(&l.Price, 0),
		resource.Max(&l.Price, decimal.RequireFromString("9007199254740993.1"))}
}
