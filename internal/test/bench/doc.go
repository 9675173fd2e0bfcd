// Package bench checks the cost of requests against a budget. It compares the API with hand-written code on net/http
// and database/sql in the same run. It contains tests only:
//
//	go test -count=1 -v -run TestBudget ./internal/test/bench
//
// It may import any package. No package may import it.
package bench
