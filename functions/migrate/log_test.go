package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"slipway/internal/lambdatest"
)

// TestLogLevel: LOG_LEVEL holds for this function as well.
func TestLogLevel(t *testing.T) {
	t.Parallel()
	answered := make(chan bool, 2)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { answered <- true }))
	t.Cleanup(server.Close)
	event := `{"RequestType":"Delete","ResponseURL":"` + server.URL + `","StackId":"s","RequestId":"r","LogicalResourceId":"l","PhysicalResourceId":"p"}`
	for level, want := range map[string]bool{"info": true, "error": false} {
		fn := lambdatest.Start(t, "slipway/functions/migrate", "DATABASE_URL=mysql://root@127.0.0.1:1/app", "LOG_LEVEL="+level)
		if _, err := fn.Invoke(t.Context(), []byte(event)); err != nil {
			t.Fatal(err)
		}
		<-answered
		if got := strings.Contains(fn.Logs(), `"msg":"custom resource"`); got != want {
			t.Errorf("LOG_LEVEL=%s: a line of the custom resource is there: %v", level, got)
		}
	}
}
