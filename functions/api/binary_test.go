package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/lambdatest"
)

// TestStartTime does not run in parallel, because it measures. It uses the best of several starts, because other load
// on the machine only increases the time.
func TestStartTime(t *testing.T) {
	const limit, tries = 15 * time.Millisecond, 200
	best := time.Hour
	for i := range tries {
		if i >= 7 && best <= limit {
			break
		}
		best = min(best, lambdatest.Start(t, "slipway/functions/api", "DATABASE_URL=mysql://root@127.0.0.1:1/app").Started())
	}
	t.Logf("from start to the first /next: %v", best)
	if best > limit {
		t.Errorf("the best of %d starts took %v, more than %v", tries, best, limit)
	}
}

// TestBadEnvironment: with invalid settings, the function ends at once. It logs one line that says what to fix, without
// the password.
func TestBadEnvironment(t *testing.T) {
	t.Parallel()
	const good = "DATABASE_URL=mysql://root:" + password + "@127.0.0.1:1/app"
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"no URL", nil, "DATABASE_URL is not set"},
		{"an empty URL", []string{"DATABASE_URL="}, "DATABASE_URL is not set"},
		{"no scheme", []string{"DATABASE_URL=root:" + password + "@tcp(127.0.0.1:3306)/app"}, "DATABASE_URL has no scheme"},
		{"another scheme", []string{"DATABASE_URL=postgres://root:" + password + "@127.0.0.1/app"},
			"use mysql, mysql+unix"},
		{"SQLite", []string{"DATABASE_URL=sqlite:///tmp/app.db"}, "use mysql, mysql+unix"},
		{"no host", []string{"DATABASE_URL=mysql:///app"}, "names no host"},
		{"no database", []string{"DATABASE_URL=mysql://root:" + password + "@127.0.0.1:3306"}, "names no database"},
		{"a # in the password", []string{"DATABASE_URL=mysql://root:#" + password + "@127.0.0.1/app"}, "write @ as %40"},
		{"a / in the password", []string{"DATABASE_URL=mysql://root:1/" + password + "@127.0.0.1/app"}, "write @ as %40"},
		{"a % in the password", []string{"DATABASE_URL=mysql://root:%" + password + "@127.0.0.1/app"}, "% as %25"},
		{"a port that is none", []string{"DATABASE_URL=mysql://root:" + password + "@127.0.0.1:port/app"},
			"DATABASE_URL is not a URL"},
		{"a parameter that is none", []string{good + "?tls=perhaps"}, "perhaps"},
		{"a log level that is none", []string{good, "LOG_LEVEL=loud"}, `LOG_LEVEL is "loud"`},
		{"a limit that is none", []string{good, "MAX_BODY_BYTES=1MB"}, `MAX_BODY_BYTES is "1MB"`},
		{"a reader that names no database", []string{good, "DATABASE_READER_URL=mysql://root:" + password + "@127.0.0.1:1"},
			"DATABASE_READER_URL names no database"},
		{"SQLite as a reader", []string{good, "DATABASE_READER_URL=sqlite:///tmp/app.db"},
			"DATABASE_READER_URL has a scheme that this program does not support"},
		{"an origin with a path", []string{good, "CORS_ORIGINS=https://app.example.com/"},
			`CORS_ORIGINS has "https://app.example.com/"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := lambdatest.Start(t, "slipway/functions/api", c.env...).Invoke(t.Context(), []byte(`{}`))
			exit, ok := errors.AsType[*lambdatest.ExitError](err)
			if !ok || exit.Code != 1 {
				t.Fatalf("%v, want exit code 1", err)
			}
			if strings.Count(exit.Logs, "\n") != 1 || strings.Contains(exit.Logs, password) {
				t.Errorf("not one line without a password:\n%s", exit.Logs)
			}
			var line struct{ Level, Msg, Error string }
			if err := json.Unmarshal([]byte(exit.Logs), &line); err != nil {
				t.Fatalf("%s: %v", exit.Logs, err)
			}
			if line.Level != "ERROR" || line.Msg != "cannot start" || !strings.Contains(line.Error, c.want) {
				t.Errorf("the line is %s, want %q", exit.Logs, c.want)
			}
		})
	}
}
