package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// refusedValues are invalid JSON values by the column of samples: code value value …; a value has _ for a space.
var refusedValues = map[string]string{
	"flag":    `type "true" 1 0 [] {} | null null`,
	"one":     `type "true" 1 [true] {}`,
	"tiny":    `type "1" true [] {} 1.5 1e-400 | out_of_range -129 128 1e400 -1e400 9223372036854775808 | required null`,
	"byte":    `type "1" 1.5 | out_of_range -1 256 1e400 | null null`,
	"small":   `type "1" | out_of_range -32769 32768`,
	"medium":  `type "1" 0.1 | out_of_range -8388609 8388608`,
	"plain":   `type "1" | out_of_range -2147483649 2147483648 3000000000`,
	"big":     `type "1" {} | out_of_range 9223372036854775808 -9223372036854775809 1e19 1e400`,
	"count":   `type "1" 0.5 true | out_of_range -1 9223372036854775808 18446744073709551615 1e400 | required null`,
	"founded": `type "2026" 2026.5 | out_of_range 1900 2156 70 -1`,
	"ratio":   `type "1" true [] "NaN" "Infinity" | out_of_range 3.5e38 -3.5e38 1e400 -1e400 | required null`,
	"wide":    `type "1" {} "NaN" | out_of_range 1e309 -1e309 1e400`,
	"score":   `type "x" | null null`,
	"weight":  `out_of_range -0.5 -1e-300 1e309 | type ""`,
	"price": `type "x" "" "+1" ".5" "1." "01" "1,5" "0x1" "NaN" "Infinity" "1_" true [1] {} "1e" "\ud800" "1\u0000" | ` +
		`out_of_range 1.555 "1.555" 0.001 100000000 -100000000 1e400 "1e400" 1e-400 1e999999999 1e-999999999 | null null`,
	"level": `type "x" | out_of_range -1 "-1" 0.5 10000000000 | required null`,
	"money": `type "x" {} | out_of_range 0.00001 10000000000000000 -1e16 "1e400"`,
	"share": `type "" | out_of_range 1 -0.1 1e-31 1e400`,
	"kind":  `type 1 true [] ["new"] {} | out_of_range "New" "a" "" "new_" "new\u0000" "\ud800" "NEW" | null null`,
	"size":  `out_of_range "medium" "" | type 0`,
	"tags":  `type "x" 1 {} | out_of_range ["z"] ["x,y"] [""] ["X"] | null null`,
	"days":  `out_of_range ["wed"] ["mon","wed"] ["\ud800"] | type "mon" [1] [null] [[]]`,
	"data": `out_of_range 1e309 [1e400] | invalid_text "\ud800" ["\udc00"] {"\ud800":1} | out_of_range ` +
		strings.Repeat("[", 101) + strings.Repeat("]", 101),
	"options": `null null`,
	"day": `type 1 true [] "" "x" "2026-02-29" "2026-02-30" "2026-13-01" "2026-00-10" "0000-00-00" "2026-1-1" ` +
		`"26-01-01" "2026-01-31T00:00:00Z" "2026-01-31_" "10000-01-01" "-2026-01-01" | out_of_range "0999-12-31"`,
	"since": `null null | type "0000-00-00"`,
	"clock": `type 12 "12:60:00" "12:00:60" "23:59:60" "1:00:00" "12:00" "" "--12:00:00" "+12:00:00" "12:00:00." ` +
		`"12:00:00Z" "a" | out_of_range "839:00:00" "-839:00:00" "838:59:59.5"`,
	"alarm":  `null null`,
	"digest": `type 1 [] "AAECAx==" "AAECAw" "AAEC_w==" "AAEC\nAw==" "%%%%" "é" | out_of_range "AAEC" "AAECAwQ=" ""`,
	"salt":   `out_of_range "AAE=" "" | null null`,
	"token":  `too_long "AAECAwQF" | type "A" 0 | null null`,
	"icon":   `too_long "` + strings.Repeat("AAAA", 86) + `"`,
	"file":   `type "A" "AA=" "AA" false`,
	"bit":    `type 0 1 "1" | null null`,
	"mark":   `type "true" 1`,
	"code":   `type 1 | too_long "abcdef" "éééééé" | invalid_text "\ud800" "\udc00\ud800" "a\u0000"`,
	"letter": `too_long "xy" | null null`,
	"label":  `too_long "` + strings.Repeat("é", 41) + `" | type [] {} 1 true | null null`,
	"word": `too_long "` + strings.Repeat("x", 256) + `" "` + strings.Repeat("é", 128) + `" | required "" null | ` +
		`invalid_text "\u0000"`,
	"words": `too_long "` + strings.Repeat("x", 65536) + `" | type 1`,
	"more":  `required null "" | type 1`,
	"all":   `null null | type 1 | invalid_text "\ud83d" "\u0000"`,
	"due_at": `type 1 "" "x" "2026-02-30T00:00:00Z" "2026-02-29T00:00:00Z" "2026-01-31" "2026-01-31T00:00:00" ` +
		`"2026-06-30T23:59:60Z" "2026-01-31T24:00:00Z" "2026-01-31T12:00:00+25:00" "0999-12-31T00:00:00Z" ` +
		`"10000-01-01T00:00:00Z" "0000-00-00T00:00:00Z" "9999-12-31T23:59:59-01:00"`,
	"begins_at": `null null | type 1 true`,
	"seen_at":   `out_of_range "1970-01-01T00:00:00Z" "2038-01-19T03:14:08Z" "1969-12-31T00:00:00Z" | null null`,
}

// TestRefusedValues sends invalid values of each type: 422 with the field, a code and a sentence, in an array with the
// position, and nothing is stored.
func TestRefusedValues(t *testing.T) {
	t.Parallel()
	p := newTypesPair(t)
	const valid = `"tiny":1,"count":1,"ratio":1,"wide":1,"level":1,"word":"w","more":"m","slash":"a","sql":"a"`
	row := func(field, value string) string {
		members := "{" + valid + "}"
		for _, member := range strings.Split(valid, ",") {
			if strings.HasPrefix(member, `"`+field+`":`) {
				return strings.Replace(members, member, `"`+field+`":`+value, 1)
			}
		}
		return strings.TrimSuffix(members, "}") + `,"` + field + `":` + value + "}"
	}
	check := func(a response, field, code, value string) {
		t.Helper()
		var problem struct {
			Detail string
			Errors []struct{ Field, Code, Detail string }
		}
		if err := json.Unmarshal([]byte(a.Body), &problem); err != nil || a.Status != http.StatusUnprocessableEntity ||
			len(problem.Errors) != 1 || problem.Errors[0].Field != field || problem.Errors[0].Code != code ||
			!strings.Contains(problem.Errors[0].Detail, " ") {
			t.Errorf("%s %.60s: %d %.400s, want the code %s", field, value, a.Status, a.Body, code)
		}
	}
	for field, groups := range refusedValues {
		for group := range strings.SplitSeq(groups, " | ") {
			words := strings.Fields(group)
			for _, value := range words[1:] {
				value = strings.ReplaceAll(value, "_", " ")
				check(p.do("POST", "/samples", row(field, value)), field, words[0], value)
				check(p.do("POST", "/samples", "["+"{"+valid+"}"+","+row(field, value)+"]"), "[1]."+field, words[0], value)
				p.do("PATCH", "/samples?all=true", `{"`+field+`":`+value+`}`)
			}
		}
	}
	for _, body := range []string{`{"ratio":NaN}`, `{"ratio":Infinity}`, `{"tiny":0x1}`, `{"tiny":01}`, `{"tiny":+1}`,
		`{"word":'w'}`, "{\"word\":\"a\nb\"}", "{\"word\":\"\xff\"}"} {
		if a := p.do("POST", "/samples", body); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
	if a := p.do("GET", "/samples?page=1", ""); a.Body != "[]" {
		t.Errorf("stored: %s", a.Body)
	}
}

// TestUnreadableValues reads values of SQLite that the type of their column does not allow. Another program can store
// them in a table without CHECKs. The response has a value, or a 409 that names the field.
func TestUnreadableValues(t *testing.T) {
	t.Parallel()
	api := newTypesPair(t).sqlite
	if err := api.DB.Write.Exec("PRAGMA ignore_check_constraints = ON").Error; err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ field, value, want string }{ // without want, the value is unreadable
		{"flag", "1.5", "true"}, {"flag", "x'00'", "false"}, {"flag", "'abc'", "true"},
		{"tiny", "'12'", "12"}, {"tiny", "'abc'", ""}, {"tiny", "''", ""}, {"tiny", "1.5", ""}, {"tiny", "x'01'", ""},
		{"tiny", "9223372036854775807", "9223372036854775807"}, {"big", "1e300", ""}, {"count", "-1", ""},
		{"wide", "'abc'", ""}, {"wide", "x'00'", ""}, {"wide", "9e999", "null"}, {"ratio", "7", "7"},
		{"price", "1.555", `"1.56"`}, {"price", "9e999", ""}, {"price", "-9e999", ""}, {"price", "'abc'", ""},
		{"price", "1e300", ""}, {"price", "x'ff'", ""}, {"money", "'1e999999999'", ""}, {"money", "'1e-999999999'", ""},
		{"money", "'NaN'", ""}, {"money", "'12.5'", `"12.5000"`},
		{"label", "7", `"7"`}, {"label", "x'00ff'", `"\u0000\ufffd"`}, {"kind", "'none'", `"none"`}, {"tags", "7", "[]"},
		{"data", "'{'", `"{"`}, {"data", "x'ff'", `"` + "\ufffd" + `"`}, {"day", "7", ""}, {"day", "'x'", ""},
		{"day", "'0000-00-00'", "null"}, {"clock", "'12'", ""}, {"clock", "7.5", ""}, {"due_at", "'x'", ""},
		{"due_at", "x'00'", ""}, {"digest", "7", `"Nw=="`}, {"token", "'abc'", `"YWJj"`},
	} {
		for _, statement := range []string{"DELETE FROM samples", ""} {
			if statement == "" {
				statement = "UPDATE samples SET `" + c.field + "` = " + c.value
				if err := insert(t, api, "id, label, `sql`", "1, 'b', 'b'"); err != nil {
					t.Fatal(err)
				}
			}
			if err := api.DB.Write.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		status, want := http.StatusOK, `"`+c.field+`":`+c.want
		if c.want == "" {
			status, want = http.StatusConflict, `"errors":[{"field":"`+c.field+`","code":"unreadable","detail":"`
		}
		for _, r := range [][2]string{
			{"GET", "/samples/1"}, {"GET", "/samples?per_page=1"}, {"GET", "/samples?fields=id," + c.field},
			{"PATCH", "/samples/1"},
		} {
			got := api.Do(r[0], r[1], map[string]string{"PATCH": `{"medium":5}`}[r[0]])
			if got.Status != status || !strings.Contains(got.Body, want) {
				t.Errorf("%s %s = %s: %d %.400s, want %d %s", r[0], c.field, c.value, got.Status, got.Body, status, want)
			}
		}
		if c.want == "" {
			medium := api.Must(http.StatusOK, "GET", "/samples?fields=medium,slash", "")
			if medium.Body != `[{"medium":null,"slash":"a"}]` {
				t.Errorf("%s = %s: the refused PATCH changed %s", c.field, c.value, medium.Body)
			}
		}
		api.Must(http.StatusNoContent, "DELETE", "/samples/1", "")
	}
}
