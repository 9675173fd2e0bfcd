package lambdatest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// HoldsLogLevel checks that a function with a custom resource respects LOG_LEVEL for the log line of a request.
// function is the import path of its package. The test does not use the database.
func HoldsLogLevel(t *testing.T, function string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	event := `{"RequestType":"Delete","ResponseURL":"` + server.URL + `","StackId":"s","RequestId":"r",` +
		`"LogicalResourceId":"l","PhysicalResourceId":"p"}`
	logs := func(level string, enough func(string) bool) string {
		fn := Start(t, function, "DATABASE_URL=mysql://root@127.0.0.1:1/app", "LOG_LEVEL="+level)
		if _, err := fn.Invoke(t.Context(), []byte(event)); err != nil {
			t.Fatal(err)
		}
		// The log may arrive after the result.
		for begun := time.Now(); !enough(fn.Logs()) && time.Since(begun) < 10*time.Second; {
			time.Sleep(5 * time.Millisecond)
		}
		return fn.Logs()
	}
	const line = `"msg":"custom resource"`
	begun := time.Now()
	if got := logs("info", func(s string) bool { return strings.Contains(s, line) }); !strings.Contains(got, line) {
		t.Errorf("LOG_LEVEL=info: no line of the custom resource: %s", got)
	}
	took := time.Since(begun)
	begun = time.Now()
	if got := logs("error", func(string) bool { return time.Since(begun) > took+200*time.Millisecond }); got != "" {
		t.Errorf("LOG_LEVEL=error: %s", got)
	}
}
