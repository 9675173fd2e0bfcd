package main

import (
	"net/http"
	"strings"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/dbtest/blog/project"
)

// everyColumn are a column of each type for new table, the JSON of a value, and that of the default: null for a
// nullable column, "" for a required one.
var everyColumn = []struct{ column, value, without string }{
	{"flag:bool=true", "false", "true"},
	{"tiny:tinyint=-3", "-128", "-3"},
	{"small:smallint unsigned=3", "65535", "3"},
	{"medium:mediumint:null", "8388607", "null"},
	{"plain:int=7", "-2147483648", "7"},
	{"big:bigint", "9223372036854775807", ""},
	{"huge:bigint unsigned=9223372036854775807", "0", "9223372036854775807"},
	{"founded:year=2026", "1901", "2026"},
	{"ratio:float=0.5", "2.675", "0.5"},
	{"score:double=1.5", "1e-300", "1.5"},
	{"price:decimal(10,2)=1.5", `"-99999999.99"`, `"1.50"`},
	{"money:decimal(20,4)=-2.5", `"1234567890123456.7890"`, `"-2.5000"`},
	{"code:char(5)=x", `"äöüß"`, `"x"`},
	{"name:varchar(40)", `"it's; \"quoted\""`, ""},
	{"tinied:tinytext", `"t"`, ""},
	{"texted:text=hi", `"a\nb"`, `"hi"`},
	{"mediumed:mediumtext:null", `"m"`, "null"},
	{"longed:longtext=", `"l"`, `""`},
	{"kind:enum('a','b')=b", `"a"`, `"b"`},
	{"tags:set('x','y')=x,y", `["y"]`, `["x","y"]`},
	{"data:json:null", `{"a":[1,null]}`, "null"},
	{"opts:json={}", `[true]`, "{}"},
	{"day:date=2026-01-31", `"2024-02-29"`, `"2026-01-31"`},
	{"clock:time(3)=12:00:00.5", `"-838:59:59.000"`, `"12:00:00.500"`},
	{"due:datetime=2026-01-31 12:00:00", `"1000-01-01T00:00:00Z"`, `"2026-01-31T12:00:00Z"`},
	{"seen:timestamp(6)", `"2026-01-31T12:00:00.123456Z"`, ""},
	{"four:binary(4)", `"AAECAw=="`, ""},
	{"five:varbinary(5)=ab", `"AAE="`, `"YWI="`},
	{"blob1:tinyblob:null", `"AA=="`, "null"},
	{"blob2:blob", `""`, ""},
	{"blob3:mediumblob:null", `"AAAA"`, "null"},
	{"blob4:longblob:null", `"////"`, "null"},
	{"bit:bit(1)=1", "false", "true"},
}

// everyTypeProject declares a table with a column of each type with one command. On both dialects, db test is green, db
// seed loads rows with all members and with the required ones, and the API returns them.
func everyTypeProject() *made {
	args := []string{"new", "table", "things"}
	var all, required, wantRequired []string
	for _, c := range everyColumn {
		args = append(args, c.column)
		name, _, _ := strings.Cut(c.column, ":")
		member := `"` + name + `":`
		all = append(all, member+c.value)
		if c.without == "" {
			required, c.without = append(required, member+c.value), c.value
		}
		wantRequired = append(wantRequired, member+c.without)
	}
	row, least := "{"+strings.Join(all, ",")+"}", "{"+strings.Join(required, ",")+"}"
	return &made{
		name: "every type",
		make: func(t, parent *testing.T) string {
			dir := project.Copy(parent, tableFiles...)
			mentions(t, succeeds(t, dir, nil, args...), "wrote the table things to schema.hcl")
			saveFile(t, dir, "seed.json", `{"things": [`+row+`, `+least+`]}`)
			mentions(t, succeeds(t, dir, nil, "db", "test", "--url", dbtest.New(t, "mysql")), "✓ sqlite: ", "✓ mysql: ")
			return dir
		},
		serve: func(t *testing.T, p program) {
			dbtest.Each(t, func(t *testing.T, address string) {
				p.run(t, "db", "upgrade", "--url", address)
				if out := p.run(t, "db", "seed", "--url", address); out != "loaded 2 in things\n" {
					t.Errorf("got %q", out)
				}
				s := p.start(t, address)
				for path, members := range map[string][]string{"/things/1": all, "/things/2": wantRequired} {
					_, body := s.must(http.StatusOK, "GET", path, "")
					if !strings.Contains(body, ","+strings.Join(members, ",")+`,"created_at":`) {
						t.Errorf("%s is %s\nwant %s", path, body, strings.Join(members, ","))
					}
				}
				s.must(http.StatusCreated, "POST", "/things", row)
				s.must(http.StatusOK, "PUT", "/things/1", least)
			})
		},
	}
}
