package resource_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"slipway/internal/resource"
)

// FuzzDecode checks that any body decodes to rows or values that survive a roundtrip, or to
// a printable error.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"text":"x","number":1,"ratio":2.5,"flag":true,"when_at":"2026-01-02T03:04:05Z","long":"y"}`,
		`[{"text":"x"},{"text":"y","mail":"a@b","stars":4}]`,
		`{}`, `[]`, `[`, `{"text":"\ud800"}`, `{"number":1e5}`, `{"number":70.0e-1,"text":"a"}`, `{"a":{"b":[1,2]}}`,
		`{"text":"a","\u0074ext":"b"}`, `{"long":"\ud83d\ude00\u0041\n"}`,
		` [ 1 , { } , "a" ] `, `{"id":[[[{"a":"]"}]]],"text":"x"}`, `{"degree":-0.0,"share":1e-9,"ratio":1e21}`, `null`,
		`"\\"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, array, err := samples.DecodeRows(body)
		checkError(t, body, err)
		if err == nil {
			checkRows(t, body, rows, array)
		}
		changes, err := samples.DecodeChanges(body, nil)
		checkError(t, body, err)
		if err == nil {
			again, err := samples.DecodeChanges(bodyOf(t, changes), nil)
			if err != nil || !reflect.DeepEqual(changes, again) {
				t.Fatalf("%q: roundtrip of %s: %s, %v", body, shown(changes), shown(again), err)
			}
		}
		replacement, err := samples.DecodeReplacement(body, nil)
		checkError(t, body, err)
		if one := rows != nil && !array; one != (err == nil) {
			t.Fatalf("%q: valid as a row: %v; as a replacement: %v", body, one, err)
		}
		for _, v := range replacement {
			if want := v.Field.Of(rows.Row(0)); !reflect.DeepEqual(v.Value, want) {
				t.Fatalf("%q: %s is %v in a row, %v in a replacement", body, v.Field.Name, want, v.Value)
			}
		}
	})
}

// checkError checks that an error is a SyntaxError or an InvalidError with printable texts.
func checkError(t *testing.T, body []byte, err error) {
	t.Helper()
	var syntax *resource.SyntaxError
	var invalid *resource.InvalidError
	switch isJSON := utf8.Valid(body) && json.Valid(body); {
	case err == nil:
		if !isJSON {
			t.Fatalf("%q is not JSON", body)
		}
	case errors.As(err, &syntax):
		if isJSON && !strings.Contains(err.Error(), "nested") {
			t.Fatalf("%q is JSON: %v", body, err)
		}
	case errors.As(err, &invalid):
		if !isJSON || len(invalid.Faults) < 1 || len(invalid.Faults) > 101 {
			t.Fatalf("%q: %d faults: %v", body, len(invalid.Faults), err)
		}
		for _, x := range invalid.Faults {
			if x.Code == "" || x.Detail == "" || !utf8.ValidString(x.Field) {
				t.Fatalf("%q: %+v", body, x)
			}
		}
	default:
		t.Fatalf("%q: %T", body, err)
	}
	if err != nil && (err.Error() == "" || !utf8.ValidString(err.Error())) {
		t.Fatalf("%q: %q", body, err)
	}
}

// checkRows checks that rows satisfy their rules, have the same texts as with encoding/json,
// and survive a roundtrip.
func checkRows(t *testing.T, body []byte, rows *resource.Rows, array bool) {
	t.Helper()
	var standard []map[string]any
	text := body
	if !array {
		text = append(append([]byte("["), body...), ']')
	}
	if err := json.Unmarshal(text, &standard); err != nil || len(standard) != rows.Len() || rows.Len() < 1 ||
		rows.Len() > resource.MaxRows {
		t.Fatalf("%q: %d rows, not %d: %v", body, rows.Len(), len(standard), err)
	}
	for i := range rows.Len() {
		s := rows.Row(i).(*sample)
		if utf8.RuneCountInString(s.Text) > 5 || s.Text == "" || strings.ContainsRune(s.Text+s.Long, 0) || s.ID != 0 ||
			s.Stars < 0 || s.Stars > 10 ||
			s.Text != standard[i]["text"] || standard[i]["long"] != nil && s.Long != standard[i]["long"] {
			t.Fatalf("%q: %+v", body, s)
		}
	}
	written := samples.View(nil).AppendAll(nil, rows)
	again, _, err := samples.DecodeRows(written)
	if err != nil || !reflect.DeepEqual(rows.Pointer(), again.Pointer()) {
		t.Fatalf("%q: roundtrip of %s: %v, %v", body, written, again, err)
	}
}

// bodyOf returns a body with these values.
func bodyOf(t *testing.T, values []resource.Value) []byte {
	t.Helper()
	members := map[string]any{}
	for _, v := range values {
		members[v.Field.Name] = v.Value
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// FuzzEncode checks that the JSON of rows is that of encoding/json, and that Weight is at
// most its size.
func FuzzEncode(f *testing.F) {
	f.Add("plain", "<\u2028\x00\xff\"\\é😀>", int64(-7), 0.5, true, int64(1767323045), int64(678901000), uint8(0))
	f.Add("", "", int64(0), -1e-7, false, int64(0), int64(0), uint8(255))
	f.Add("\xed\xa0\x80", "\t\r\n\b\f\x1f\x7f", int64(math.MinInt64), 1e21, true, int64(-1), int64(1), uint8(5))
	f.Fuzz(func(t *testing.T, a, b string, n int64, x float64, yes bool, seconds, nanoseconds int64, null uint8) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			x = 0 // JSON has no such numbers
		}
		const years0to9999 = 315_569_520_000
		at := time.Unix((seconds%years0to9999+years0to9999)%years0to9999-62_167_219_200, nanoseconds%1_000_000_000).UTC()
		if at.Year() < 0 || at.Year() > 9999 {
			return // encoding/json refuses them
		}
		s := sample{ID: n, Text: a, Number: n / 3, Ratio: &x, Flag: &yes, When: &at, Long: b, Mail: &b, Stars: -n}
		for bit, set := range []func(){func() {
			s.Ratio = nil
		}, func() { s.Flag = nil }, func() { s.When = nil }, func() { s.Mail = nil }} {
			if null>>bit&1 == 1 {
				set()
			}
		}
		want := standard(t, s)
		rows := listOf(s)
		if got := string(samples.View(nil).Append(nil, rows, 0)); got != want {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
		if weight := rows.Weight(0); weight > len(want) {
			t.Fatalf("weight %d: %s", weight, want)
		}
	})
}
