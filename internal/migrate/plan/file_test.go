package plan

import (
	"slices"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
)

func TestParseDown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want Down
		ok   bool
		err  string
	}{
		"none": {text: "CREATE TABLE a (id int);\n"},
		"one statement": {
			text: "CREATE TABLE a (id int);\n\n-- slipway:down\n-- DROP TABLE a;\n",
			want: Down{Statements: []string{"DROP TABLE a;"}}, ok: true,
		},
		"several lines and statements": {
			text: "-- slipway:down\n-- CREATE TABLE a (\n--   id int\n-- );\n-- DROP TABLE b;\n",
			want: Down{Statements: []string{"CREATE TABLE a (\n  id int\n);", "DROP TABLE b;"}}, ok: true,
		},
		"a comment in it": {
			text: "-- slipway:down\n-- -- first this\n-- DROP TABLE a;\n",
			want: Down{Statements: []string{"DROP TABLE a;"}}, ok: true,
		},
		"empty": {text: "DROP TABLE a;\n-- slipway:down\n", ok: true},
		"line endings": {text: "-- slipway:down\r\n-- DROP TABLE a;\r\n", want: Down{Statements: []string{"DROP TABLE a;"}},
			ok: true},
		"irreversible": {
			text: "DELETE FROM a;\n-- slipway:down irreversible: the rows are gone\n",
			want: Down{Irreversible: "the rows are gone"}, ok: true,
		},
		"irreversible without a reason": {text: "-- slipway:down irreversible:\n", ok: true, err: "line 1"},
		"something else":                {text: "-- slipway:down maybe\n", ok: true, err: "line 1"},
		"SQL that is no comment":        {text: "-- slipway:down\nDROP TABLE a;\n", ok: true, err: "line 2"},
		"another marker":                {text: "-- slipway:downwards\n"},
	} {
		for _, d := range Dialects {
			got, ok, err := d.ParseDown(c.text)
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("%s: got error %v, want %q in it", name, err, c.err)
				}
				continue
			}
			if err != nil || ok != c.ok || got.Irreversible != c.want.Irreversible ||
				!slices.Equal(got.Statements, c.want.Statements) {
				t.Errorf("%s: got %q, %v, %v", name, got, ok, err)
			}
		}
	}
}

func FuzzParseDown(f *testing.F) {
	f.Add("CREATE TABLE a (id int);\n\n-- slipway:down\n-- DROP TABLE a;\n")
	f.Add("-- slipway:down irreversible: x\n")
	f.Add("-- slipway:down\n-- a'b;\n--")
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range Dialects {
			down, ok, err := d.ParseDown(text)
			if !ok && (err != nil || len(down.Statements) > 0) {
				t.Errorf("without a down section, got %q %v", down, err)
			}
			if down.Irreversible != "" && len(down.Statements) > 0 {
				t.Errorf("irreversible, but with the statements %q", down.Statements)
			}
		}
	})
}

// FuzzFile writes files with any text as a comment, a default and a reason: a
// file that reads back as it was planned is what Atlas runs, and one that does
// not is refused.
func FuzzFile(f *testing.F) {
	f.Add("a", "DROP TABLE a")
	f.Add("it's", "INSERT INTO a VALUES ('x;\n-- slipway:down\n-- y')")
	f.Fuzz(func(t *testing.T, comment, statement string) {
		for _, d := range Dialects {
			changes := []*migrate.Change{{Cmd: statement, Comment: comment}}
			made := draft{Dialect: d, Up: changes, down: changes}
			text := formatFile(made.Up, made.down, "")
			if made.readBack(text) != nil {
				continue
			}
			statements, err := d.Scan(text)
			if err != nil || len(statements) != 1 || strings.TrimSuffix(statements[0].Text, ";") != statement {
				t.Errorf("%s: Atlas would run %q, %v", d.Name, texts(statements), err)
			}
		}
	})
}
