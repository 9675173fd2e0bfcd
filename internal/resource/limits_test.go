package resource_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/internal/resource"
)

// limited has a column of each MySQL type that limits or changes values.
type limited struct {
	ID       int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
	Tiny     int64      `json:"tiny" gorm:"type:tinyint"`
	Byte     int64      `json:"byte" gorm:"type:tinyint unsigned"`
	Small    int64      `json:"small" gorm:"type:smallint"`
	Medium   int64      `json:"medium" gorm:"type:mediumint unsigned"`
	Int      int64      `json:"int" gorm:"type:int"`
	Unsigned int64      `json:"unsigned" gorm:"type:int unsigned"`
	Big      int64      `json:"big" gorm:"type:bigint"`
	Count    int64      `json:"count" gorm:"type:bigint unsigned"`
	Year     int64      `json:"year" gorm:"type:year"`
	Float    float64    `json:"float" gorm:"type:float"`
	Price    float64    `json:"price" gorm:"type:decimal(5,2) unsigned"`
	Char     string     `json:"char" gorm:"type:char(3)"`
	One      string     `json:"one" gorm:"type:char"`
	Tinytext string     `json:"tinytext" gorm:"type:tinytext"`
	Text     string     `json:"text" gorm:"type:text"`
	Stamp    *time.Time `json:"stamp" gorm:"type:timestamp(3)"`
}

// TestLimits checks that values are refused if MySQL refuses them, and changed if MySQL
// changes them, so that SQLite stores the same.
func TestLimits(t *testing.T) {
	t.Parallel()
	table := resource.Of[limited]("t")
	for _, c := range []struct{ field, value, want string }{
		{"tiny", "-128", ""}, {"tiny", "127", ""},
		{"tiny", "-129", "out_of_range: Tiny must be between -128 and 127"}, {"tiny", "128", "out_of_range"},
		{"byte", "0", ""}, {"byte", "255", ""}, {"byte", "-1", "out_of_range"}, {"byte", "256", "out_of_range"},
		{"small", "-32768", ""}, {"small", "32767", ""}, {"small", "32768", "out_of_range"},
		{"medium", "16777215", ""}, {"medium", "16777216", "out_of_range"}, {"medium", "-1", "out_of_range"},
		{"int", "-2147483648", ""}, {"int", "2147483647", ""}, {"int", "2147483648", "out_of_range"},
		{"int", "-2147483649", "out_of_range"},
		{"unsigned", "4294967295", ""}, {"unsigned", "4294967296", "out_of_range"},
		{"big", "-9223372036854775808", ""}, {"big", "9223372036854775807", ""},
		{"big", "9223372036854775808", "out_of_range"},
		{"count", "9223372036854775807", ""}, {"count", "-1", "out_of_range: Count must be at least 0"},
		{"year", "0", ""}, {"year", "1901", ""}, {"year", "2155", ""},
		{"year", "70", "out_of_range"}, {"year", "1900", "out_of_range"}, {"year", "2156", "out_of_range"},
		{"float", "3.4e38", ""}, {"float", "3.5e38", "out_of_range"}, {"float", "-3.5e38", "out_of_range"},
		{"price", "999.99", ""}, {"price", "0", ""}, {"price", "-0.01", "out_of_range"}, {"price", "1000", "out_of_range"},
		{"char", `"äöü"`, ""}, {"char", `"abc   "`, ""}, {"char", `"abcd"`, "too_long"}, {"one", `"ab"`, "too_long"},
		{"tinytext", quoted("x", 255), ""},
		{"tinytext", quoted("x", 256), "too_long: Tinytext must have at most 255 bytes, not 256"},
		{"tinytext", quoted("ä", 128), "too_long"}, {"text", quoted("x", 65_535), ""},
		{"text", quoted("x", 65_536), "too_long"},
		{"stamp", `"1970-01-01T00:00:01Z"`, ""}, {"stamp", `"2038-01-19T03:14:07.0009Z"`, ""},
		{"stamp", `"1970-01-01T00:00:00.999Z"`, "out_of_range"},
		{"stamp", `"2038-01-19T03:14:08Z"`,
			"out_of_range: Stamp must be a time from 1970-01-01T00:00:01Z to 2038-01-19T03:14:07Z"},
	} {
		_, err := table.DecodeChanges([]byte(`{"`+c.field+`":`+c.value+`}`), nil)
		got := ""
		var invalid *resource.InvalidError
		if errors.As(err, &invalid) {
			got = invalid.Faults[0].Code + ": " + invalid.Faults[0].Detail
		} else if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s %.40s: %q, want %q", c.field, c.value, got, c.want)
		}
	}
	for _, c := range []struct {
		body string
		want any
	}{
		{`{"float":1.23456789}`, float64(float32(1.23457))}, {`{"float":16777217}`, 16777200.0}, {`{"float":0.1}`,
			float64(float32(0.1))},
		{`{"float":-0.0}`, 0.0}, {`{"char":" a  "}`, " a"}, {`{"tinytext":"a "}`, "a "},
	} {
		if values, err := table.DecodeChanges([]byte(c.body), nil); err != nil || values[0].Value != c.want {
			t.Errorf("%s: %v, %v, want %v", c.body, values, err, c.want)
		}
	}
}

// TestFloat checks that a float of 32 bits is returned with six digits and compared with its stored value.
func TestFloat(t *testing.T) {
	t.Parallel()
	table := resource.Of[limited]("t")
	f := table.Field("float")
	for text, want := range map[string]string{"0.1": "0.1", "2.675": "2.675", "1.23456789": "1.23457",
		"3.4e38": "3.4e+38", "16777217": "16777200"} {
		rows, _, err := table.DecodeRows([]byte(strings.Replace(limitedRow, "?", text, 1)))
		if err != nil {
			t.Fatal(err)
		}
		stored := f.Of(rows.Row(0))
		if got := string(table.View([]string{"float"}).Append(nil, rows, 0)); got != `{"float":`+want+`}` {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if shown, err := strconv.ParseFloat(want, 64); err != nil || f.Compared(shown) != stored {
			t.Errorf("%s: %v is compared as %v, want %v", text, shown, f.Compared(shown), stored)
		}
	}
	if x := table.Field("price").Compared(0.1); x != 0.1 {
		t.Errorf("0.1 of a decimal is compared as %v", x)
	}
}

const limitedRow = `{"tiny":0,"byte":0,"small":0,"medium":0,"int":0,"unsigned":0,"big":0,"count":0,"year":0,"price":0,
"char":"a","one":"a",
	"tinytext":"a","text":"a","float":?}`

// quoted returns a JSON string with a text n times.
func quoted(s string, n int) string { return `"` + strings.Repeat(s, n) + `"` }

// clocked has times that the server sets.
type clocked struct {
	ID        int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
	JoinedAt  time.Time  `json:"joined_at" gorm:"precision:3;not null;default:CURRENT_TIMESTAMP"`
	LeftAt    *time.Time `json:"left_at" gorm:"precision:0;default:CURRENT_TIMESTAMP"`
	Epoch     time.Time  `json:"epoch" gorm:"precision:0;not null;default:'2000-01-02 03:04:05'"`
	ChangedAt time.Time  `json:"changed_at" gorm:"precision:6;not null;autoUpdateTime" rule:"readonly"`
	TouchedAt *time.Time `json:"touched_at" gorm:"precision:6;autoUpdateTime" rule:"readonly"`
	CreatedAt time.Time  `json:"created_at" gorm:"precision:6;not null" rule:"readonly"`
	UpdatedAt time.Time  `json:"updated_at" gorm:"precision:6;not null" rule:"readonly"`
}

// TestClock checks which values the store sets to the current time, and which columns the server sets at a create and
// at an update.
func TestClock(t *testing.T) {
	t.Parallel()
	table := resource.Of[clocked]("t")
	for name, want := range map[string][2]bool{
		"joined_at": {false, false}, "left_at": {false, false}, "changed_at": {true, true}, "touched_at": {false, true},
		"created_at": {true, false}, "updated_at": {true, true},
	} {
		if f := table.Field(name); f.OnCreate != want[0] || f.OnUpdate != want[1] {
			t.Errorf("%s: on create %v, on update %v, want %v", name, f.OnCreate, f.OnUpdate, want)
		}
	}
	rows, _, err := table.DecodeRows([]byte(`[{},{"left_at":null},{"joined_at":"2001-01-01T00:00:00Z"}]`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"joined_at left_at", "joined_at", "left_at"} {
		var omitted []string
		for _, f := range table.Fields {
			if rows.Omitted(i, f) {
				omitted = append(omitted, f.Name)
			}
		}
		if got := strings.Join(omitted, " "); got != want {
			t.Errorf("row %d omits %s, want %s", i, got, want)
		}
	}
	first := rows.Row(0).(*clocked)
	now := time.Date(2001, 2, 3, 4, 5, 6, 123456789, time.FixedZone("", 3600))
	rows.Set(0, table.Field("joined_at"), table.Field("joined_at").At(now))
	if want := time.Date(2001, 2, 3, 3, 5, 6, 123e6, time.UTC); first.JoinedAt != want ||
		rows.Omitted(0, table.Field("joined_at")) {
		t.Errorf("joined at %v, want %v", first.JoinedAt, want)
	}
	values, err := table.DecodeReplacement([]byte(`{"left_at":null}`), resource.Key{int64(1)})
	if err != nil || values[0].Value != any(resource.Now) || values[1].Value != nil {
		t.Errorf("%v %v", values, err)
	}
	if want := time.Date(2000, 1, 2, 3, 4, 5, 0, time.UTC); first.Epoch != want {
		t.Errorf("the default is %v, want %v", first.Epoch, want)
	}
}
