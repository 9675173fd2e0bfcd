// Package bench holds what a request costs to its budget: it measures the API
// beside the same work written by hand on net/http and database/sql, in the same
// run. All of it is tests:
//
//	go test -count=1 -v -run TestBudget ./internal/test/bench
//
// It may import any room; none may import it.
package bench
