package resource_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/internal/resource"
)

// shown returns values as "name=value".
func shown(values []resource.Value) string {
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprintf("%s=%#v", v.Field.Name, v.Value))
	}
	return strings.Join(list, " ")
}

func TestDecodeChanges(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"ratio":null,"number":3,"id":9}`:        `number=3 ratio=<nil>`,
		`{"mail":"a@b.c","text":"x","flag":true}`: `text="x" flag=true mail="a@b.c"`,
		// A change need not have the members that a new row requires.
		`{}`: ``,
	} {
		got, err := samples.DecodeChanges([]byte(body), nil)
		if err != nil || shown(got) != want {
			t.Errorf("%s: %s %v, want %s", body, shown(got), err, want)
		}
	}
	at, err := samples.DecodeChanges([]byte(`{"when_at":"2026-01-02T05:04:05+02:00"}`), nil)
	if err != nil || len(at) != 1 || at[0].Value != time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) {
		t.Errorf("%s %v", shown(at), err)
	}
}

func TestDecodeReplacement(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"text":"x"}`: `text="x" number=7 ratio=<nil> flag=<nil> when_at=<nil> long="none" mail=<nil> stars=3 ` +
			`degree=<nil> share=<nil>`,
		`{"id":9,"stars":0,"ratio":1,"flag":false,"text":"y","long":"","number":-1,"mail":"a@b.c","degree":0,` +
			`"share":null}`: `text="y" number=-1 ratio=1 flag=false when_at=<nil> long="" mail="a@b.c" stars=0 degree=0 ` +
			`share=<nil>`,
	} {
		got, err := samples.DecodeReplacement([]byte(body), nil)
		if err != nil || shown(got) != want {
			t.Errorf("%s:\ngot  %s %v\nwant %s", body, shown(got), err, want)
		}
	}
}

// TestDecodeValuesFaults checks that changes and replacements are validated like new rows.
// Only a replacement requires all members. Neither may be an array.
func TestDecodeValuesFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, changes, replacement string }{
		{`{"text":""}`, "text required: Text is required", "text required: Text is required"},
		{`{"text":"x","text":"y"}`, "text repeated: Text is given more than once",
			"text repeated: Text is given more than once"},
		{`{"stars":11,"zz":0}`, `stars out_of_range: Stars must be between 0 and 10|zz unknown: samples has no member "zz"`,
			`text required: Text is required|stars out_of_range: Stars must be between 0 and 10|zz unknown: samples has no ` +
				`member "zz"`},
		{`[{"text":"x"}]`, " type: The body must be a JSON object, not an array",
			" type: The body must be a JSON object, not an array"},
		{`null`, " type: The body must be a JSON object, not null", " type: The body must be a JSON object, not null"},
		{`"x"`, " type: The body must be a JSON object, not a string", " type: The body must be a JSON object, not a string"},
		{`{}`, "", "text required: Text is required"},
	} {
		for name, want := range map[string]string{"changes": c.changes, "replacement": c.replacement} {
			err := decoders[name]([]byte(c.body))
			if want == "" {
				if err != nil {
					t.Errorf("%s of %s: %v", name, c.body, err)
				}
				continue
			}
			if got := strings.Join(faults(err), "|"); got != want {
				t.Errorf("%s of %s:\ngot  %s\nwant %s", name, c.body, got, want)
			}
		}
	}
	many := `{"text":"x"`
	for i := range 200 {
		many += fmt.Sprintf(`,"a%d":0`, i)
	}
	many += "}"
	if got := faults(decoders["changes"]([]byte(many))); len(got) != 101 ||
		got[100] != " more: Errors that are not listed: 100" {
		t.Errorf("%q", got)
	}
	if got := faults(decoders["rows"]([]byte("[" + many + `,{"text":"x","a":0}]`))); len(got) != 101 ||
		got[100] != " more: Errors that are not listed: 101" {
		t.Errorf("%q", got)
	}
}

// TestDecodeArray checks that rows keep the order of the array, and that each fault names
// its element.
func TestDecodeArray(t *testing.T) {
	t.Parallel()
	rows, array, err := samples.DecodeRows([]byte(` [ {"text":"a"} , {"text":"b","number":1},{"text":"c"}] `))
	if err != nil || !array || rows.Len() != 3 {
		t.Fatal(rows, array, err)
	}
	for i, want := range []string{"a 7", "b 1", "c 7"} {
		if s := rows.Row(i).(*sample); fmt.Sprint(s.Text, " ", s.Number) != want {
			t.Errorf("row %d is %+v", i, s)
		}
	}
	if rows, _, err := samples.DecodeRows([]byte("[" + strings.Repeat(`{"text":"x"},`,
		resource.MaxRows-1) + `{"text":"y"}]`)); err != nil || rows.Len() != resource.MaxRows {
		t.Error(err)
	}
	_, _, err = samples.DecodeRows(
		[]byte(`[{"text":"x"},{},{"text":"x","zz":1,"number":""},7,[],{"text":"x","text":"y"}]`))
	want := []string{
		"[1].text required: [1]: Text is required",
		"[2].number type: [2]: Number must be a whole number",
		`[2].zz unknown: [2]: samples has no member "zz"`,
		"[3] type: [3] must be a JSON object, not a number",
		"[4] type: [4] must be a JSON object, not an array",
		"[5].text repeated: [5]: Text is given more than once",
	}
	if got := faults(err); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestDecodeFixed checks that fixed values replace the values in a body.
func TestDecodeFixed(t *testing.T) {
	t.Parallel()
	fixed := []resource.Value{{Field: samples.Field("text"), Value: "fixed"}, {Field: samples.Field("ratio"), Value: 0.5}}
	for body, n := range map[string]int{
		`{}`:                           1,
		`{"text":"y"}`:                 1,
		`{"text":null,"ratio":[{}]}`:   1,
		`[{},{"text":7},{"ratio":""}]`: 3,
	} {
		rows, _, err := samples.DecodeRows([]byte(body), fixed...)
		if err != nil || rows.Len() != n {
			t.Errorf("%s: %v", body, err)
			continue
		}
		for i := range n {
			if s := rows.Row(i).(*sample); s.Text != "fixed" || *s.Ratio != 0.5 || s.Number != 7 {
				t.Errorf("%s: %+v", body, s)
			}
		}
	}
}
