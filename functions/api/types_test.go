package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/gateway"
	"slipway/internal/httpapi"
	"slipway/internal/migrate/rowtypes/testdata/typedkeys"
	"slipway/internal/migrate/rowtypes/testdata/types"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest"
)

// sample is a row with a value of every type.
const sample = `{"flag":false,"one":null,"tiny":-128,"byte":0,"small":7,"medium":8388607,"plain":-1,` +
	`"big":9223372036854775807,"count":9223372036854775807,"founded":1999,"ratio":0.1,"wide":1e300,"score":-0.5,` +
	`"weight":0,"price":"12.5","level":7,"money":"-9999999999999999.9999","share":"0.25","kind":"a,b","size":"small",` +
	`"tags":["it's","x"],"days":[],"data":{"b":"😀","a":[1.0,null]},"options":{"+":"%"},"list":[18446744073709551615],` +
	`"day":"2026-01-31","since":"2024-02-29","clock":"-838:59:59","alarm":"12:34:56","digest":"/+A+Pw==",` +
	`"salt":"AAEC","token":"/+A=","icon":"","file":"AAEC","bit":true,"mark":false,"code":"a+b&c","letter":"é",` +
	`"label":"50%, \"a\"","slash":"a/b?c#d","sql":"a;b=c","word":"😀","words":" a  b ","more":"é","all":"\u0001\u2028",` +
	`"due_at":"2026-01-31T12:00:00+02:00","begins_at":"2026-01-31T12:00:00.5Z","seen_at":"2026-01-31T12:00:00.123456Z"}`

const uuid = "0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f80"

// typeSteps write a row of every type, read it with each kind of filter, and send keys of other types than text and
// integers. The base of a gateway is in no path.
var typeSteps = []struct {
	request
	status int
	has    string
}{
	{request{"POST", "/samples", "", sample}, 201, `"money":"-9999999999999999.9999"`},
	{request{"GET", "/samples/1", "", ""}, 200, `"clock":"-838:59:59.000"`},
	{request{"PATCH", "/samples/1", "", `{"data":["+",1e21],"tags":[],"digest":"////+w==","clock":"00:00:00.5"}`}, 200,
		`"data":["+",1e+21]`},
	{request{"POST", "/samples", "", `{"tiny":1,"price":1.005}`}, 422, `"field":"price"`},
	{request{"GET", "/samples", "flag=false&bit=true&mark[eq]=false&one[null]=true", ""}, 200, `[{"id":1,`},
	{request{"GET", "/samples", "tiny[lt]=0&count[eq]=9223372036854775807&founded[in]=1999,0&big[gte]=1", ""}, 200, `[{`},
	{request{"GET", "/samples", "ratio=0.1&wide[gt]=1e%2B299&score[lte]=-0.5&weight[ne]=1", ""}, 200, `[{"id":1,`},
	{request{"GET", "/samples", "price=1.25e1&level[gte]=7&money[nin]=1,2&share[eq]=0.250", ""}, 200, `[{"id":1,`},
	{request{"GET", "/samples", "kind[in]=%22a,b%22,new&size[starts]=sm&tags[null]=false", ""}, 200, `[{`},
	{request{"PATCH", "/samples", "price=12.50", `{"tags":["y","it's"],"days":["tue"]}`}, 200, `{"affected":1}`},
	{request{"GET", "/samples", "tags[contains]=it's&days[contains]=tue&data[null]=false", ""}, 200, `[{"id":1,`},
	{request{"GET", "/samples", "day=2026-01-31&since[lt]=2026-01-01&clock[gt]=-00:00:01", ""}, 200, `[{"id":1,`},
	{request{"GET", "/samples", "alarm[ne]=00:00:00&days[null]=false", ""}, 200, `[{"id":1,`},
	{request{"GET", "/samples", "digest=////%2Bw%3D%3D&salt[in]=AAEC,AAAA&token[ne]=AA==", ""}, 200, `[{`},
	{request{"GET", "/samples", "code=a%2Bb%26c&label[contains]=%25&slash[starts]=a/b?c%23&sql=a%3Bb%3Dc", ""}, 200,
		`[{"id":1,`},
	{request{"GET", "/samples", "words=+a++b+&word=%F0%9F%98%80&letter[like]=_&more[null]=false", ""}, 200, `[{"id":1,`},
	{request{"GET", "/samples", "due_at=2026-01-31T10:00:00Z&begins_at[gt]=2026-01-31T13:00:00%2B01:00&" +
		"seen_at[lte]=2026-01-31T12:00:00.123456Z", ""}, 200, `[{"id":1,`},
	{request{"GET", "/samples", "data=1&price=x&day[gt]=1&token=AA", ""}, 400, `"param":"token"`},
	{request{"PUT", "/assets/" + uuid, "", `{"name":"one"}`}, 201, uuid},
	{request{"POST", "/files", "", `{"asset_id":"` + uuid + `","hash":"AAECAwQFBgcICQoLDA0ODw=="}`}, 201, uuid},
	{request{"GET", "/files/1", "include=asset", ""}, 200, `"asset":{"id":"` + uuid},
	{request{"GET", "/assets/" + uuid, "include=files", ""}, 200, `"files":[{"id":1,`},
	{request{"GET", "/assets/" + uuid + "/files", "include=asset", ""}, 200, `"name":"one"`},
	{request{"POST", "/hashes", "", `[{"digest":"/+A="},{"digest":""},{"digest":"////+w=="}]`}, 201, ""},
	{request{"GET", "/hashes/~1+A=", "", ""}, 200, `"digest":"/+A="`},
	{request{"GET", "/hashes/~1~1~1~1%2Bw%3D%3D", "", ""}, 200, `"digest":"////+w=="`},
	{request{"GET", "/hashes", "per_page=1", ""}, 200, `[{"digest":"`},
	{request{"PATCH", "/hashes/~5", "", `{"note":"empty"}`}, 200, `"digest":""`},
	{request{"PUT", "/prices/-12.50", "", `{"note":"x"}`}, 201, `"amount":"-12.50"`},
	{request{"POST", "/shifts", "", `{"day":"2026-01-31","kind":"a,b","starts":"-10:00:00.55"}`}, 201, `"kind":"a,b"`},
	{request{"GET", "/shifts/2026-01-31,a~2b,-10:00:00.5", "", ""}, 200, `"starts":"-10:00:00.5"`},
	{request{"DELETE", "/shifts/2026-01-31,a~2b,-10%3A00%3A00.5", "", ""}, 204, ""},
	{request{"GET", "/counts/18446744073709551615", "", ""}, 404, ""},
}

// TestTypes sends values of every type through every gateway, on MySQL. The responses have the same bytes as those
// without a gateway, on SQLite.
func TestTypes(t *testing.T) {
	t.Parallel()
	want := runTypes(t, "sqlite", front{name: "plain HTTP"})
	for _, g := range append(fronts, front{name: "plain HTTP"}) {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			for i, got := range runTypes(t, "mysql", g) {
				if got != want[i] {
					t.Errorf("%v:\n%s\nwant %s", typeSteps[i].request, got, want[i])
				}
			}
		})
	}
}

// runTypes returns the responses to typeSteps as text, without the base path of the gateway.
func runTypes(t *testing.T, dialect string, g front) (responses []string) {
	t.Helper()
	api := apitest.New(t, dbtest.New(t, dialect), func(o *httpapi.Options) {
		o.Tables, o.BasePath = slices.Concat(types.Tables, typedkeys.Tables), gateway.BasePath
	})
	for _, folder := range []string{"types", "typedkeys"} {
		text, err := os.ReadFile("../../internal/migrate/rowtypes/testdata/" + folder + "/schema.hcl")
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range apitest.Statements(t, dialect, text) {
			if err := api.DB.Write.Exec(statement).Error; err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
	}
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	api.DB.Write.NowFunc = func() time.Time { return at }
	for _, step := range typeSteps {
		at = at.Add(time.Millisecond)
		got := through(t, g, api.Handler, step.request)
		if got.status != step.status || !strings.Contains(got.body, step.has) {
			t.Errorf("%v: %d %s, want %d %s", step.request, got.status, got.body, step.status, step.has)
		}
		responses = append(responses, fmt.Sprint(got.status, shown(got.header, g.base), got.body))
	}
	return responses
}

// shown returns the headers of the API as text, without the base path.
func shown(h http.Header, base string) (text string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		value := strings.Join(h[name], ", ")
		if name == "Location" || name == "Link" {
			value = strings.Replace(value, base+"/", "/", 1)
		}
		if name != "Content-Length" { // a gateway sets it
			text += "\n" + name + ": " + value
		}
	}
	return text + "\n"
}
