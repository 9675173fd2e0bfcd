//go:build !race

package bench

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"slipway/internal/test/dbtest/blog"
)

// operation is one kind of request, with the limit for its CPU time as a multiple of that of the hand-written server.
type operation struct {
	name   string
	limit  float64
	count  int
	status int
	send   func(i int) (method, path, body string)
}

var operations = []operation{
	{"get", 1.8, 1000, http.StatusOK, func(i int) (string, string, string) {
		return "GET", fmt.Sprintf("/notes/%d", i%1000+1), ""
	}},
	{"list of 20", 1.3, 500, http.StatusOK, func(int) (string, string, string) {
		return "GET", "/notes", ""
	}},
	{"create", 1.4, 750, http.StatusCreated, func(i int) (string, string, string) {
		return "POST", "/notes", fmt.Sprintf(`{"title":"note %d","content":"a few words of the usual length, as a note may `+
			`have them"}`, i)
	}},
}

// Other load on the machine only increases the measured times, so the minimum of several rounds is used. The test runs
// rounds until the ratio is within the limit, at least minRounds and at most maxRounds.
const (
	minRounds = 3
	maxRounds = 25
)

// TestBudget measures the CPU time of a request over loopback with 16 connections, and compares it with the
// hand-written server on the same rows, in alternating rounds.
func TestBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: measures")
	}
	for _, dialect := range []string{"sqlite", "mysql"} {
		t.Run(dialect, func(t *testing.T) {
			url := blog.New(t, dialect)
			slipway, hand := start(t, "slipway", url), start(t, "hand", url)
			create := operations[2]
			for _, s := range []server{slipway, hand} { // creates rows and warms the pools
				s.load(t, 500, create)
			}
			for _, op := range operations {
				ratio, rounds := op.measure(t, slipway, hand)
				t.Logf("%-10s %.2f times by hand, at most %.1f (%d rounds)", op.name, ratio, op.limit, rounds)
				if ratio > op.limit {
					t.Errorf("%s takes %.2f times the hand-written code, more than %.1f", op.name, ratio, op.limit)
				}
			}
		})
	}
}

func (op operation) measure(t *testing.T, slipway, hand server) (ratio float64, rounds int) {
	t.Helper()
	least := [2]time.Duration{}
	for rounds < minRounds || ratio > op.limit && rounds < maxRounds {
		for i, s := range []server{slipway, hand} {
			took := s.load(t, op.count, op)
			if rounds == 0 || took < least[i] {
				least[i] = took
			}
		}
		rounds++
		ratio = float64(least[0]) / float64(least[1])
	}
	return ratio, rounds
}
