package resource_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"slipway/internal/resource"
)

// sample has a field of each type, nullable and not nullable, and each rule.
type sample struct {
	ID     int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
	Text   string     `json:"text" gorm:"size:5;not null"`
	Number int64      `json:"number" gorm:"not null;default:7"`
	Ratio  *float64   `json:"ratio"`
	Flag   *bool      `json:"flag"`
	When   *time.Time `json:"when_at"`
	Long   string     `json:"long" gorm:"not null;default:'none'"`
	Mail   *string    `json:"mail" gorm:"size:30"`
	Stars  int64      `json:"stars" gorm:"not null;default:3"`
	Degree *float64   `json:"degree"`
	Share  *float64   `json:"share"`
}

// Rules returns the rules of a sample.
func (s *sample) Rules() []resource.Rule {
	return []resource.Rule{
		resource.Email(&s.Mail), resource.Min(&s.Stars, 0), resource.Max(&s.Stars, 10),
		resource.Min(&s.Degree, -273.15), resource.Max(&s.Share, 1),
	}
}

var samples = resource.Link(resource.Of[sample]("samples"))[0]

// with returns a sample with default values, changed by change.
func with(change func(s *sample)) sample {
	s := sample{Text: "x", Number: 7, Long: "none", Stars: 3}
	change(&s)
	return s
}

func TestDecodeRow(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]sample{
		`{"text":"x"}`: with(func(*sample) {}),
		`{"text":"äöüß€","number":0,"long":"","stars":0}`: {Text: "äöüß€"},
		`{"text":"x","ratio":0.5,"flag":false}`: with(func(s *sample) {
			s.Ratio, s.Flag = new(0.5), new(false)
		}),
		`{"text":"x","ratio":null,"flag":null}`: with(func(*sample) {}),
		`{"text":"x","id":5}`:                   with(func(*sample) {}),
		`{"text":"x","id":{"a":[1,"]}"]}}`:      with(func(*sample) {}),
		`{"text":"\ufffd"}`:                     with(func(s *sample) { s.Text = "\ufffd" }),
		`{"text":"\ud83d\ude00"}`:               with(func(s *sample) { s.Text = "😀" }),
		"{\"text\":\"\ufffd\"}":                 with(func(s *sample) { s.Text = "\ufffd" }),
		`{"text":"\\u00"}`:                      with(func(s *sample) { s.Text = `\u00` }),
		`{"text":"x","long":"\b\f\n\r\t\/\\\"\u00E9\u20ac\ud83D\uDE00!"}`: with(func(s *sample) {
			s.Long = "\b\f\n\r\t/\\\"é€😀!"
		}),
		`{"\u0074e\u0078t":"x"}`:                          with(func(*sample) {}),
		" \t\r\n{ \"text\" : \"x\" , \"number\" : 8 } \n": with(func(s *sample) { s.Number = 8 }),
		`{"text":"x","when_at":"2026-01-02T05:04:05.6789019+02:00"}`: with(func(s *sample) {
			s.When = new(time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC))
		}),
		`{"text":"x","mail":"ada@example.com","stars":10}`: with(func(s *sample) {
			s.Mail, s.Stars = new("ada@example.com"), 10
		}),
		`{"text":"x","degree":-273.15,"share":1}`: with(func(s *sample) {
			s.Degree, s.Share = new(-273.15), new(1.0)
		}),
	} {
		rows, array, err := samples.DecodeRows([]byte(body))
		if err != nil || array || rows.Len() != 1 || !reflect.DeepEqual(rows.Row(0), &want) {
			t.Errorf("%s:\ngot  %v %v\nwant %+v", body, rows, err, want)
		}
	}
}

// TestDecodeMinusZero checks that -0 is stored as 0.
func TestDecodeMinusZero(t *testing.T) {
	t.Parallel()
	rows, _, err := samples.DecodeRows([]byte(`{"text":"x","ratio":-0.0,"number":-0}`))
	if err != nil || math.Signbit(*rows.Row(0).(*sample).Ratio) {
		t.Error(rows, err)
	}
}

// TestDecodeInteger checks whole numbers in all notations of JSON.
func TestDecodeInteger(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"7.0": "7", "-9.0e2": "-900", "1E+2": "100", "1200e-2": "12", "-0": "0", "-0.0e5": "0", "0e99999999999999999999": "0",
		"-0e99999999999999999999": "0", "0.00012e5": "12",
		"9223372036854775807": "9223372036854775807", "9223372036854775807.0": "9223372036854775807",
		"-9.223372036854775808e18": "-9223372036854775808",
		"9007199254740993.0":       "9007199254740993", "90071992547409930e-1": "9007199254740993",
		"1.5": "type", "1e-1": "type", "1e-400": "type", "1.5e-99999999999999999999": "type", "4503599627370496.3": "type",
		"9223372036854775808": "out_of_range", "9223372036854775808.0": "out_of_range", "1e19": "out_of_range",
		"-10e99999999999999999999": "out_of_range",
	} {
		got := ""
		rows, _, err := samples.DecodeRows([]byte(`{"text":"x","number":` + text + `}`))
		if err == nil {
			got = fmt.Sprint(rows.Row(0).(*sample).Number)
		} else if invalid := new(resource.InvalidError); errors.As(err, &invalid) {
			got = invalid.Faults[0].Code
		}
		if got != want {
			t.Errorf("%s: %s %v, want %s", text, got, err, want)
		}
	}
}

// faults returns the faults of an error, each as "field code: detail".
func faults(err error) []string {
	var invalid *resource.InvalidError
	if !errors.As(err, &invalid) {
		return []string{fmt.Sprintf("not an InvalidError: %v", err)}
	}
	list := make([]string, len(invalid.Faults))
	for i, f := range invalid.Faults {
		list[i] = f.Field + " " + f.Code + ": " + f.Detail
	}
	return list
}

func TestDecodeFaults(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                         "text required: Text is required",
		`{"text":""}`:                "text required: Text is required",
		`{"text":null}`:              "text required: Text is required",
		`{"text":5}`:                 "text type: Text must be a string",
		`{"text":[]}`:                "text type: Text must be a string",
		`{"text":"sixsix"}`:          "text too_long: Text must have at most 5 characters, not 6",
		`{"text":"a\u0000"}`:         "text invalid_text: Text must not contain a NUL character",
		`{"text":"\udc00"}`:          "text invalid_text: Text must not contain an unpaired surrogate",
		`{"text":"\ufffd\ud800"}`:    "text invalid_text: Text must not contain an unpaired surrogate",
		`{"text":"\ud800\u0041"}`:    "text invalid_text: Text must not contain an unpaired surrogate",
		`{"text":"x","number":null}`: "number null: Number must not be null",
		`{"text":"x","number":"1"}`:  "number type: Number must be a whole number",
		`{"text":"x","number":true}`: "number type: Number must be a whole number",
		`{"text":"x","number":1.5}`:  "number type: Number must be a whole number",
		`{"text":"x","number":1e30}`: "number out_of_range: Number must be a whole number of at " +
			"most 64 bits",
		`{"text":"x","ratio":"1"}`:        "ratio type: Ratio must be a number",
		`{"text":"x","ratio":"Infinity"}`: "ratio type: Ratio must be a number",
		`{"text":"x","ratio":1e400}`: "ratio out_of_range: Ratio must be a number of at most " +
			"64 bits",
		`{"text":"x","flag":1}`:      "flag type: Flag must be true or false",
		`{"text":"x","flag":"true"}`: "flag type: Flag must be true or false",
		`{"text":"x","when_at":5}`: "when_at type: When at must be a time in RFC 3339, as a " +
			"string",
		`{"text":"x","when_at":"now"}`: "when_at type: When at must be a time in RFC 3339, such " +
			"as 2026-01-31T12:00:00Z",
		`{"text":"x","stars":11}`:    "stars out_of_range: Stars must be between 0 and 10",
		`{"text":"x","stars":-1}`:    "stars out_of_range: Stars must be between 0 and 10",
		`{"text":"x","degree":-300}`: "degree out_of_range: Degree must be at least -273.15",
		`{"text":"x","share":1.1}`:   "share out_of_range: Share must be at most 1",
		`{"text":"x","mail":"ada"}`: "mail email: Mail must be an e-mail address, such as " +
			"ada@example.com",
		`{"text":"x","mail":""}`: "mail email: Mail must be an e-mail address, such as " +
			"ada@example.com",
		`{"text":"x","Text":"y"}`:               `Text unknown: samples has no member "Text"`,
		`{"text":"x","":1}`:                     ` unknown: samples has no member ""`,
		`{"text":"x","text":"x"}`:               "text repeated: Text is given more than once",
		`{"text":5,"\u0074ext":"x","text":"y"}`: "text repeated: Text is given more than once",
		`{"text":"x","id":1,"id":1}`:            "id repeated: Id is given more than once",
		`{"text":"x","a":1,"a":1}`:              `a unknown: samples has no member "a"`,
		`{"text":"x","when_at":"9999-12-31T23:00:00-01:00"}`: "when_at type: When at must be a time between the years " +
			"1000 and 9999",
		`{"text":"x","when_at":"0999-12-31T00:00:00Z"}`: "when_at type: When at must be a time between the years " +
			"1000 and 9999",
		`{"text":"x","` + strings.Repeat("ä", 101) + `":0}`: strings.Repeat("ä", 100) +
			`… unknown: samples has no member "` + strings.Repeat("ä", 100) + `…"`,
		`{"text":"x","mail":"` + strings.Repeat("a", 31) + `"}`: "mail too_long: Mail must have at most 30 characters, " +
			"not 31",
		`{"text":"x","mail":"a\u0000"}`: "mail invalid_text: Mail must not contain a NUL character",
		`7`: " type: The body must be a JSON object or an array of " +
			"objects, not a number",
		`"{}"`: " type: The body must be a JSON object or an array of " +
			"objects, not a string",
		` true`: " type: The body must be a JSON object or an array of " +
			"objects, not a boolean",
		`null`: " type: The body must be a JSON object or an array of " +
			"objects, not null",
		`[]`: " out_of_range: The array must have 1 to 1000 rows, not 0",
		`[` + strings.Repeat(`{"text":5},`, 1000) + `{"text":"x"}]`: " out_of_range: The array must have 1 to 1000 rows, " +
			"not 1001",
	} {
		_, _, err := samples.DecodeRows([]byte(body))
		if got := faults(err); len(got) != 1 || got[0] != want {
			t.Errorf("%.80s:\ngot  %q\nwant %q", body, got, want)
		}
	}
}

// TestDecodeManyFaults checks that an error has all faults in the table's order, up to a
// limit.
func TestDecodeManyFaults(t *testing.T) {
	t.Parallel()
	_, _, err := samples.DecodeRows([]byte(`{"zz":1,"flag":1,"ratio":"","aa":{},"number":1,"number":2}`))
	want := []string{
		"text required: Text is required",
		"number repeated: Number is given more than once",
		"ratio type: Ratio must be a number",
		"flag type: Flag must be true or false",
		`zz unknown: samples has no member "zz"`,
		`aa unknown: samples has no member "aa"`,
	}
	if got := faults(err); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	_, _, err = samples.DecodeRows([]byte("[" + strings.Repeat(`{"stars":99},`, 150) + `{"text":"x"},8]`))
	got := faults(err)
	if len(got) != 101 || got[1] != "[0].stars out_of_range: [0]: Stars must be between 0 and 10" ||
		got[100] != " more: Errors that are not listed: 201" {
		t.Errorf("%d: %q", len(got), got)
	}
}

func TestDecodeSyntax(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":           "The body is not valid JSON: unexpected end of input",
		" ":          "The body is not valid JSON: unexpected end of input",
		"{":          "The body is not valid JSON: unexpected end of input",
		`{"text":"x`: "The body is not valid JSON: unexpected end of input",
		"tru":        "The body is not valid JSON: unexpected end of input",
		"{]": "The body is not valid JSON: invalid character ']' looking for beginning of object key " +
			"string (byte 2)",
		"nope": "The body is not valid JSON: invalid character 'o' in literal null (expecting 'u') " +
			"(byte 2)",
		`{"text":"x"} x`: "The body is not valid JSON: invalid character 'x' after top-level value (byte 14)",
		"{'text':1}": "The body is not valid JSON: invalid character '\\'' looking for beginning of object key " +
			"string (byte 2)",
		"\xff":                         "The body is not valid UTF-8",
		"{\"text\":\"\xed\xa0\"}":      "The body is not valid UTF-8",
		strings.Repeat("[", 100):       "The body is not valid JSON: unexpected end of input",
		strings.Repeat("[", 101):       "The body is nested more than 100 deep",
		strings.Repeat("[", 1<<20):     "The body is nested more than 100 deep",
		strings.Repeat(`{"a":`, 1<<18): "The body is nested more than 100 deep",
		strings.Repeat("[", 101) + strings.Repeat("]",
			101): "The body is nested more than 100 deep",
		`{"text":"x","id":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) +
			`}`: "The body is nested more than 100 deep",
	} {
		for name, decode := range decoders {
			err := decode([]byte(body))
			var syntax *resource.SyntaxError
			if !errors.As(err, &syntax) || syntax.Detail != want {
				t.Errorf("%s of %.30q:\ngot  %v\nwant %s", name, body, err, want)
			}
		}
	}
	// Brackets inside a string do not count, and 100 levels are valid.
	for _, body := range []string{
		`{"text":"x","id":"` + strings.Repeat("[", 200) + `"}`,
		`{"text":"x","id":"\"` + strings.Repeat("[", 200) + `","id":[]}`,
		`{"text":"x","id":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `}`,
	} {
		for name, decode := range decoders {
			var syntax *resource.SyntaxError
			if err := decode([]byte(body)); errors.As(err, &syntax) {
				t.Errorf("%s of %.30q: %v", name, body, err)
			}
		}
	}
}

// decoders are all functions that decode a body.
var decoders = map[string]func([]byte) error{
	"rows":        func(b []byte) error { _, _, err := samples.DecodeRows(b); return err },
	"changes":     func(b []byte) error { _, err := samples.DecodeChanges(b, nil); return err },
	"replacement": func(b []byte) error { _, err := samples.DecodeReplacement(b, nil); return err },
}
