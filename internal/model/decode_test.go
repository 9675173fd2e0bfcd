package model_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"slipway/internal/model"
)

// sample has a field of each type, with and without NULL.
type sample struct {
	ID     int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
	Text   string     `json:"text" gorm:"size:5;not null"`
	Number int64      `json:"number" gorm:"not null;default:7"`
	Ratio  *float64   `json:"ratio"`
	Flag   *bool      `json:"flag"`
	When   *time.Time `json:"when_at"`
	Long   string     `json:"long" gorm:"not null;default:'none'"`
}

var samples = model.Of[sample]("samples")

func TestDecodeRow(t *testing.T) {
	t.Parallel()
	ratio, no, when := 0.5, false, time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	for body, want := range map[string]sample{
		`{"text":"x"}`: {Text: "x", Number: 7, Long: "none"},
		`{"text":"äöüß€","number":0,"long":""}`:                      {Text: "äöüß€"},
		`{"text":"x","number":-9.0e2}`:                               {Text: "x", Number: -900, Long: "none"},
		`{"text":"x","ratio":0.5,"flag":false}`:                      {Text: "x", Number: 7, Long: "none", Ratio: &ratio, Flag: &no},
		`{"text":"x","ratio":null,"flag":null}`:                      {Text: "x", Number: 7, Long: "none"},
		`{"text":"x","id":5}`:                                        {Text: "x", Number: 7, Long: "none"},
		`{"text":"\ufffd"}`:                                          {Text: "\ufffd", Number: 7, Long: "none"},
		`{"text":"\ud83d\ude00"}`:                                    {Text: "😀", Number: 7, Long: "none"},
		"{\"text\":\"\ufffd\"}":                                      {Text: "\ufffd", Number: 7, Long: "none"},
		` { "text" : "a" , "text" : "x" } ` + "\n":                   {Text: "x", Number: 7, Long: "none"},
		`{"text":"x","when_at":"2026-01-02T05:04:05.6789019+02:00"}`: {Text: "x", Number: 7, Long: "none", When: &when},
	} {
		got, err := samples.DecodeRow([]byte(body))
		if err != nil || !reflect.DeepEqual(got, &want) {
			t.Errorf("%s:\ngot  %+v %v\nwant %+v", body, got, err, want)
		}
	}
}

func TestDecodeFaults(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                                            "text required: Text is required",
		`{"text":""}`:                                   "text required: Text is required",
		`{"text":null}`:                                 "text required: Text is required",
		`{"text":5}`:                                    "text type: Text must be a string",
		`{"text":"sixsix"}`:                             "text too_long: Text must have at most 5 characters, not 6",
		`{"text":"a\u0000"}`:                            "text invalid_text: Text must not hold a NUL character",
		`{"text":"\udc00"}`:                             "text invalid_text: Text holds half a surrogate pair, which is no character",
		`{"text":"x","number":null}`:                    "number null: Number must not be null",
		`{"text":"x","number":"1"}`:                     "number type: Number must be a whole number",
		`{"text":"x","number":1.5}`:                     "number type: Number must be a whole number",
		`{"text":"x","number":1e30}`:                    "number out_of_range: Number must be a whole number of at most 64 bits",
		`{"text":"x","ratio":"1"}`:                      "ratio type: Ratio must be a number",
		`{"text":"x","ratio":1e400}`:                    "ratio out_of_range: Ratio must be a number that fits 64 bits",
		`{"text":"x","flag":1}`:                         "flag type: Flag must be true or false",
		`{"text":"x","flag":"true"}`:                    "flag type: Flag must be true or false",
		`{"text":"x","when_at":5}`:                      "when_at type: When at must be a time in RFC 3339, as a string",
		`{"text":"x","when_at":"now"}`:                  "when_at type: When at must be a time in RFC 3339, such as 2026-01-31T12:00:00Z",
		`{"text":"x","when_at":"0999-12-31T00:00:00Z"}`: "when_at type: When at must be a time between the years 1000 and 9999",
		`{"text":"x","Text":"y"}`:                       `Text unknown: samples has no member "Text"`,
		`[]`:                                            " type: The body must be a JSON object, not an array",
		`7`:                                             " type: The body must be a JSON object, not a number",
		`null`:                                          " type: The body must be a JSON object, not null",
	} {
		_, err := samples.DecodeRow([]byte(body))
		var invalid *model.InvalidError
		if !errors.As(err, &invalid) || len(invalid.Faults) != 1 {
			t.Errorf("%s: %v", body, err)
			continue
		}
		f := invalid.Faults[0]
		if got := f.Field + " " + f.Code + ": " + f.Detail; got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", body, got, want)
		}
	}
	for _, body := range []string{"", "{", "nope", `{"text":"x"} x`, "{'text':1}", "\xff", strings.Repeat("[", 20000)} {
		_, err := samples.DecodeRow([]byte(body))
		var syntax *model.SyntaxError
		if !errors.As(err, &syntax) || syntax.Detail == "" {
			t.Errorf("%.20q: %v", body, err)
		}
	}
}

func TestDecodeChanges(t *testing.T) {
	t.Parallel()
	got, err := samples.DecodeChanges([]byte(`{"ratio":null,"number":3,"id":9}`))
	if err != nil || len(got) != 2 || got[0].Field.Name != "number" || got[0].Value != int64(3) || got[1].Field.Name != "ratio" || got[1].Value != nil {
		t.Errorf("%+v %v", got, err)
	}
	// What a new row must have, a change need not name.
	if got, err := samples.DecodeChanges([]byte(`{}`)); err != nil || len(got) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := samples.DecodeChanges([]byte(`{"text":""}`)); err == nil {
		t.Error("a change took away what is required")
	}
}

// TestOfRefuses: a struct that cannot be served is found at the first start.
func TestOfRefuses(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(){
		"no id": func() {
			model.Of[struct {
				Name string `json:"name"`
			}]("x")
		},
		"a text id": func() {
			model.Of[struct {
				ID string `json:"id"`
			}]("x")
		},
		"no json tag": func() {
			model.Of[struct {
				ID   int64 `json:"id"`
				Name string
			}]("x")
		},
		"another type": func() {
			model.Of[struct {
				ID   int64    `json:"id"`
				Name []string `json:"name"`
			}]("x")
		},
		"a bad size": func() {
			model.Of[struct {
				ID   int64  `json:"id"`
				Name string `json:"name" gorm:"size:many"`
			}]("x")
		},
		"a bad default": func() {
			model.Of[struct {
				ID int64 `json:"id"`
				N  int64 `json:"n" gorm:"default:many"`
			}]("x")
		},
		"a bad relation": func() {
			model.Of[struct {
				ID     int64       `json:"id"`
				Author *model.User `gorm:"foreignKey:UserID"`
			}]("x")
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: taken", name)
				}
			}()
			of()
		}()
	}
}

// FuzzDecode: whatever a body is, it becomes a row that JSON shows again, or an
// error that can be shown.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"text":"x","number":1,"ratio":2.5,"flag":true,"when_at":"2026-01-02T03:04:05Z","long":"y"}`, `{}`, `[`, `{"text":"\ud800"}`, `{"number":1e5}`, `{"a":{"b":[1,2]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		row, err := samples.DecodeRow(body)
		if err != nil {
			if err.Error() == "" || !utf8.ValidString(err.Error()) {
				t.Fatalf("%q: %q", body, err)
			}
			return
		}
		s := row.(*sample)
		if utf8.RuneCountInString(s.Text) > 5 || s.Text == "" || !utf8.ValidString(s.Text+s.Long) || strings.ContainsRune(s.Text+s.Long, 0) || s.ID != 0 {
			t.Fatalf("%q: %+v", body, s)
		}
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		again, err := samples.DecodeRow(text)
		if err != nil || !reflect.DeepEqual(row, again) {
			t.Fatalf("%q reads again as %+v, %v", text, again, err)
		}
	})
}
