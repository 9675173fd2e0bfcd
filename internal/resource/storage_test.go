package resource_test

import (
	"fmt"
	"testing"
	"time"

	"slipway/internal/resource"
)

// verbatim has columns that store values unchanged. Each changed type has a column that changes some values.
type (
	verbatim struct {
		ID      int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
		Small   int64      `json:"small" gorm:"type:smallint unsigned"`
		Flag    bool       `json:"flag"`
		Name    string     `json:"name" gorm:"size:20"`
		Text    *string    `json:"text" gorm:"type:mediumtext"`
		Ratio   float64    `json:"ratio"`
		Double  float64    `json:"double" gorm:"type:double"`
		Price   float64    `json:"price" gorm:"precision:10;scale:2"`
		Cents   *float64   `json:"cents" gorm:"type:decimal(4,4)"`
		Second  time.Time  `json:"second" gorm:"precision:0"`
		Milli   *time.Time `json:"milli" gorm:"type:timestamp(3)"`
		Default time.Time  `json:"micro" gorm:"precision:6"`
	}
	changedChar struct {
		ID int64  `json:"id" gorm:"primaryKey" rule:"readonly"`
		V  string `json:"v" gorm:"type:char(10)"`
	}
	changedFloat struct {
		ID int64   `json:"id" gorm:"primaryKey" rule:"readonly"`
		V  float64 `json:"v" gorm:"size:32"`
	}
	changedFloatType struct {
		ID int64   `json:"id" gorm:"primaryKey" rule:"readonly"`
		V  float64 `json:"v" gorm:"type:float"`
	}
	changedWideDecimal struct {
		ID int64   `json:"id" gorm:"primaryKey" rule:"readonly"`
		V  float64 `json:"v" gorm:"precision:20;scale:2"`
	}
	changedDate struct {
		ID int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
		V  time.Time `json:"v" gorm:"type:date"`
	}
	changedNoPrecision struct {
		ID int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
		V  time.Time `json:"v"`
	}
	changedGenerated struct {
		ID int64  `json:"id" gorm:"primaryKey" rule:"readonly"`
		V  string `json:"v" gorm:"->;size:20"`
	}
	changedTrigger struct {
		ID int64  `json:"id" gorm:"primaryKey" rule:"readonly"`
		V  string `json:"v" gorm:"size:20"`
	}
)

// Rules marks the column that a trigger sets.
func (r *changedTrigger) Rules() []resource.Rule { return []resource.Rule{resource.Computed(&r.V)} }

func TestVerbatim(t *testing.T) {
	t.Parallel()
	if !resource.Of[verbatim]("t").Verbatim {
		t.Error("verbatim is not Verbatim")
	}
	for name, table := range map[string]*resource.Table{
		"char removes trailing spaces":     resource.Of[changedChar]("t"),
		"float, by its size":               resource.Of[changedFloat]("t"),
		"float, by its type":               resource.Of[changedFloatType]("t"),
		"a decimal that exceeds a float64": resource.Of[changedWideDecimal]("t"),
		"date removes the time":            resource.Of[changedDate]("t"),
		"a time without a precision":       resource.Of[changedNoPrecision]("t"),
		"a generated column":               resource.Of[changedGenerated]("t"),
		"a column that a trigger sets":     resource.Of[changedTrigger]("t"),
	} {
		if table.Verbatim {
			t.Errorf("%s: it is Verbatim", name)
		}
	}
	if f := resource.Of[changedGenerated]("t").Field("v"); !f.ReadOnly || !f.Computed {
		t.Error("a generated column is not read-only")
	}
}

// TestDecodeAsStored checks that a time is truncated to the digits of its column, and that a decimal with too many
// digits is refused. The response and its ETag are then those of the stored row.
func TestDecodeAsStored(t *testing.T) {
	t.Parallel()
	table := resource.Of[verbatim]("t")
	for _, c := range []struct{ body, want string }{
		{`{"second":"2024-01-01T00:00:00.6Z"}`, "2024-01-01 00:00:00 +0000 UTC"},
		{`{"second":"2024-01-01T00:00:00.999999+02:00"}`, "2023-12-31 22:00:00 +0000 UTC"},
		{`{"milli":"2024-01-01T00:00:00.1239Z"}`, "2024-01-01 00:00:00.123 +0000 UTC"},
		{`{"micro":"2024-01-01T00:00:00.1234567Z"}`, "2024-01-01 00:00:00.123456 +0000 UTC"},
		{`{"price":2.67}`, "2.67"},
		{`{"price":2.670}`, "2.67"},
		{`{"price":267e-2}`, "2.67"},
		{`{"price":-99999999.99}`, "-9.999999999e+07"},
		{`{"price":0.000}`, "0"},
		{`{"price":2.675}`, "Price must have at most 2 digits after the point"},
		{`{"price":1e-3}`, "Price must have at most 2 digits after the point"},
		{`{"price":1e-99999999999999999999}`, "Price must have at most 2 digits after the point"},
		{`{"price":100000000}`, "Price must have at most 8 digits before the point"},
		{`{"price":1e8}`, "Price must have at most 8 digits before the point"},
		{`{"cents":0}`, "0"},
		{`{"cents":0.1234}`, "0.1234"},
		{`{"cents":1}`, "Cents must have at most 0 digits before the point"},
	} {
		values, err := table.DecodeChanges([]byte(c.body), nil)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(values[0].Value)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.body, got, c.want)
		}
	}
}
