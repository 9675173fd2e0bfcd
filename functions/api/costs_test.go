package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/dbtest/blog"
)

// TestWhatARequestCosts measures the inputs of docs/costs.md: the sizes of the log and the response of a request, and
// its time in the real binary. It compares the sizes with the page. It only logs the time (-v), which depends on the
// machine.
func TestWhatARequestCosts(t *testing.T) {
	t.Parallel()
	const rounds = 50
	s := start(t, blog.MySQL(t))
	s.must(201, "POST", "/users", `{"username":"ada","email":"ada@example.com"}`)
	requests, answered := 1, 0
	begun := time.Now()
	for i := range rounds {
		// For each written row, one row and one page of 20 rows are read.
		for _, r := range []request{
			{"POST", "/posts", "", fmt.Sprintf(`{"title":"Number %d","body":"%s","user_id":1}`, i, strings.Repeat("text ", 20))},
			{"GET", fmt.Sprintf("/posts/%d", i+1), "", ""},
			{"GET", "/posts", "sort=-id", ""},
		} {
			got := s.do(r)
			if got.status >= 300 {
				t.Fatalf("%s %s: %d %s", r.method, r.path, got.status, got.body)
			}
			answered += len(got.body)
			for name, values := range got.header {
				answered += len(name) + len(strings.Join(values, "")) + len(": \r\n")
			}
			requests++
		}
	}
	took := time.Since(begun) / (3 * rounds)
	logged := len(s.lines(requests)) / requests
	answered /= 3 * rounds
	t.Logf("a request logs %d bytes, answers %d bytes, and takes %v", logged, answered, took)

	page, err := os.ReadFile("../../docs/costs.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, measured := range map[string]int{"log line of the function": logged, "response": answered} {
		m := regexp.MustCompile(`(?m)^\| ` + name + `, bytes \| ([\d,]+) \|`).FindSubmatch(page)
		if m == nil {
			t.Fatalf("docs/costs.md assumes nothing for the %s", name)
		}
		assumed, err := strconv.Atoi(strings.ReplaceAll(string(m[1]), ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		if measured > assumed || 2*measured < assumed {
			t.Errorf("%s: measured %d bytes, docs/costs.md assumes %d: it should be the measure, rounded up", name, measured,
				assumed)
		}
	}
}
