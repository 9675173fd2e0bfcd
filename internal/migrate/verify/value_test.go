package verify

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"

	"ariga.io/atlas/sql/schema"

	declared "slipway/internal/migrate/schema"
)

// TestSameSeed checks that the same seed generates the same values, so that failures are
// reproducible.
func TestSameSeed(t *testing.T) {
	t.Parallel()
	draw := func() (all []string) {
		v := values{plan.MySQL, rand.New(rand.NewPCG(1, 2))}
		for e := range edges {
			for _, kind := range []schema.Type{&schema.StringType{T: "varchar", Size: 40}, &schema.IntegerType{T: "int"},
				&schema.JSONType{T: "json"}, &schema.TimeType{T: "datetime"}} {
				literal, ok := v.of(kind, "", e)
				if !ok {
					t.Errorf("no value for %T", kind)
				}
				all = append(all, literal)
			}
		}
		return all
	}
	if a, b := draw(), draw(); !slices.Equal(a, b) {
		t.Errorf("got %q and %q", a, b)
	}
}

// TestEdges checks the edge values of types.
func TestEdges(t *testing.T) {
	t.Parallel()
	six := 6
	for _, c := range []struct {
		dialect string
		kind    schema.Type
		edge    edge
		want    string
	}{
		{plan.MySQL, &schema.IntegerType{T: "tinyint"}, high, "127"},
		{plan.MySQL, &schema.IntegerType{T: "tinyint", Unsigned: true}, high, "255"},
		{plan.MySQL, &schema.IntegerType{T: "tinyint", Unsigned: true}, odd, "0"},
		{plan.MySQL, &schema.IntegerType{T: "smallint"}, odd, "-32768"},
		{plan.MySQL, &schema.IntegerType{T: "mediumint"}, high, "8388607"},
		{plan.MySQL, &schema.IntegerType{T: "int"}, odd, "-2147483648"},
		{plan.MySQL, &schema.IntegerType{T: "bigint"}, high, "9223372036854775807"},
		{plan.MySQL, &schema.IntegerType{T: "bigint", Unsigned: true}, high, "18446744073709551615"},
		{plan.SQLite, &schema.IntegerType{T: "int"}, high, "9223372036854775807"},
		{plan.MySQL, &schema.IntegerType{T: "int"}, high, "2147483647"},
		{plan.MySQL, &schema.DecimalType{T: "decimal", Precision: 10, Scale: 2}, odd, "-99999999.99"},
		{plan.MySQL, &schema.DecimalType{T: "decimal", Precision: 5, Scale: 5}, high, "0.99999"},
		{plan.MySQL, &schema.StringType{T: "varchar", Size: 5}, low, "''"},
		{plan.MySQL, &schema.BinaryType{T: "blob"}, low, "x''"},
		{plan.MySQL, &schema.TimeType{T: "datetime", Precision: &six}, high, "'9999-12-31 23:59:59.123456'"},
		{plan.MySQL, &schema.TimeType{T: "datetime"}, high, "'9999-12-31 23:59:59'"},
		{plan.SQLite, &schema.TimeType{T: "datetime"}, odd, "'2024-02-29 23:59:59.123456+00:00'"},
		{plan.MySQL, &schema.TimeType{T: "year"}, high, "2155"},
	} {
		v := values{c.dialect, rand.New(rand.NewPCG(1, 2))}
		column := schema.NewColumn("c").SetType(c.kind)
		if got, _ := v.of(v.typeOf(schema.NewTable("t").AddColumns(column), column), "", c.edge); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.kind, got, c.want)
		}
	}
}

// TestLengths checks that texts have the maximum length of the column, in characters, and only
// characters of its character set.
func TestLengths(t *testing.T) {
	t.Parallel()
	v := values{plan.MySQL, rand.New(rand.NewPCG(1, 2))}
	for _, size := range []int{1, 2, 9, 30, 255, 16000} {
		kind := &schema.StringType{T: "varchar", Size: size}
		if got := len([]rune(v.text(kind, "", high))); got != size {
			t.Errorf("the longest of varchar(%d) has %d characters", size, got)
		}
		if got := len([]rune(v.text(kind, "", odd))); got > size {
			t.Errorf("the odd one of varchar(%d) has %d characters", size, got)
		}
	}
	if got := len(v.text(&schema.StringType{T: "longtext"}, "", high)); got <= 65535 {
		t.Errorf("the longest of longtext has %d bytes, which a text could hold", got)
	}
	if got := len(v.text(&schema.StringType{T: "tinytext"}, "", high)); got != 255 {
		t.Errorf("the longest of tinytext has %d bytes", got)
	}
	for charset, letter := range map[string]string{"utf8mb4": "\U0001F642", "utf8mb3": "漢", "latin1": "é",
		"ascii": "100%"} {
		got := v.text(&schema.StringType{T: "varchar", Size: 100}, charset, odd)
		if !strings.Contains(got, letter) {
			t.Errorf("%s: %q lacks %q", charset, got, letter)
		}
	}
}

// TestHints: a CHECK gives values for the columns that it has, not for one whose name is in a text.
func TestHints(t *testing.T) {
	t.Parallel()
	status := schema.NewStringColumn("status", "varchar")
	paid := schema.NewIntColumn("paid", "integer")
	table := schema.NewTable("orders").AddColumns(status, paid).
		AddChecks(schema.NewCheck().SetExpr("status IN ('open', 'paid')"))
	f := &filler{values: values{plan.SQLite, rand.New(rand.NewPCG(1, 2))}}
	if got := f.hintsFor(table, paid); len(got) > 0 {
		t.Errorf("%q for paid", got)
	}
	if got := f.hintsFor(table, status); !slices.Contains(got, "'paid'") {
		t.Errorf("%q for status", got)
	}
}

func TestHasWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false, "id": true, "(`ID`>0)": true, "idid": false, "ids+id": true, "user_id": false,
		"größeid id": true, "id2": false, "éid": false, "é id": true,
	} {
		if got := hasWord(text, "Id"); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// TestDeclaredType: a column of an adopted SQLite file gets values of the type in the snapshot.
func TestDeclaredType(t *testing.T) {
	t.Parallel()
	made := schema.NewTimeColumn("made", "datetime")
	live := schema.NewTable("users").AddColumns(made)
	f := &filler{values: values{plan.SQLite, rand.New(rand.NewPCG(1, 2))}}
	if got := f.typeOf(live, made); !isType[*schema.TimeType](got) {
		t.Errorf("%T without a snapshot", got)
	}
	text := "schema \"app\" {}\ntable \"users\" {\n schema = schema.app\n column \"made\" {\n type = bigint\n }\n}\n"
	var err error
	if f.snapshot, err = declared.SQLite("1.hcl", []byte(text)); err != nil {
		t.Fatal(err)
	}
	if got := f.typeOf(live, made); !isType[*schema.IntegerType](got) {
		t.Errorf("%T with a snapshot", got)
	}
}

func isType[T schema.Type](t schema.Type) bool {
	_, ok := t.(T)
	return ok
}
