package lint

import (
	"bytes"
	"errors"
	"testing"
)

var rendered = []Finding{
	{Code: "DS103", Severity: Error, File: "migrations/mysql/1_a.sql", Line: 3, Title: "column dropped",
		Detail: "100% of it\nis gone.", Advice: "Do not."},
	{Code: "SW401", Severity: Notice, File: "migrations/mysql/1_a.sql", Line: 3, Title: "online", Detail: "Reads go on."},
	{Code: "SW501", Severity: Warning, File: "migrations/mysql/2,b:c.sql", Line: 1, Title: "no down statements, none",
		Detail: "Nothing.", Advice: "Write it."},
}

func TestText(t *testing.T) {
	t.Parallel()
	const want = `migrations/mysql/1_a.sql:3: error DS103 column dropped
    100% of it
is gone.
    → Do not.
migrations/mysql/1_a.sql:3: notice SW401 online
    Reads go on.

migrations/mysql/2,b:c.sql:1: warning SW501 no down statements, none
    Nothing.
    → Write it.

1 error, 1 warning, 1 notice
`
	var b bytes.Buffer
	if err := Text(&b, rendered); err != nil || b.String() != want {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	if err := Text(&b, nil); err != nil || b.String() != "0 errors, 0 warnings, 0 notices\n" {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestGitHub(t *testing.T) {
	t.Parallel()
	const want = `::error file=migrations/mysql/1_a.sql,line=3,title=DS103 column dropped::` +
		`100%25 of it%0Ais gone.%0ADo not.
::notice file=migrations/mysql/1_a.sql,line=3,title=SW401 online::Reads go on.
::warning file=migrations/mysql/2%2Cb%3Ac.sql,line=1,title=SW501 no down statements%2C none::Nothing.%0AWrite it.
`
	var b bytes.Buffer
	if err := GitHub(&b, rendered); err != nil || b.String() != want {
		t.Errorf("%v\n%s", err, b.String())
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestRenderersReportTheWriter(t *testing.T) {
	t.Parallel()
	if err := Text(broken{}, rendered); !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if err := GitHub(broken{}, rendered); !errors.Is(err, errBroken) {
		t.Error(err)
	}
}
