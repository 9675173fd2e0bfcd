package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"slipway/internal/test/dbtest"
)

// TestKill ends the server with kill -9 during 2,000 concurrent creates. After a restart, each row with a 201 response
// exists with the id in the response. A row without a response exists at most once.
func TestKill(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		const creates, workers = 2000, 24
		dir := t.TempDir()
		s := start(t, dir, "DATABASE_URL="+url, "LOG_LEVEL=warn")

		var (
			next, answered atomic.Int64
			killAfter      = int64(creates/4 + rand.IntN(creates/2))
			all            sync.WaitGroup
			mu             sync.Mutex
			created        = map[int64]string{} // rows with a 201 response: title by id
		)
		for range workers {
			all.Go(func() {
				for i := next.Add(1); i <= creates; i = next.Add(1) {
					title := fmt.Sprintf("note %d", i)
					res, body, err := s.do("POST", "/notes", `{"title":"`+title+`"}`)
					if err != nil {
						return // killed
					}
					var row note
					if err := json.Unmarshal([]byte(body), &row); err != nil || res.StatusCode != http.StatusCreated ||
						row.Title != title {
						t.Errorf("create %q: %d %s", title, res.StatusCode, body)
						return
					}
					mu.Lock()
					created[row.ID] = title
					mu.Unlock()
					if answered.Add(1) == killAfter {
						_ = s.cmd.Process.Kill() // during the other creates
					}
				}
			})
		}
		all.Wait()
		<-s.exited
		if n := int64(len(created)); n < killAfter || n >= creates {
			t.Fatalf("%d of %d creates got a response, and the kill was after %d", n, creates, killAfter)
		}

		s = start(t, dir, "DATABASE_URL="+url)
		rows := s.notes()
		byID, titles := map[int64]string{}, map[string]int{}
		for _, row := range rows {
			byID[row.ID] = row.Title
			titles[row.Title]++
		}
		for id, title := range created {
			if byID[id] != title {
				t.Errorf("note %d %q: the response was 201, and after the kill it is %q", id, title, byID[id])
			}
		}
		for title, n := range titles {
			if n > 1 {
				t.Errorf("%q is there %d times", title, n)
			}
		}
		// Each worker has at most one create in progress.
		if len(rows) > len(created)+workers {
			t.Errorf("%d rows for %d responses with 201", len(rows), len(created))
		}
		t.Logf("killed after %d; %d responses with 201, %d rows", killAfter, len(created), len(rows))
		s.must(http.StatusCreated, "POST", "/notes", `{"title":"after"}`)
	})
}

type note struct {
	ID    int64
	Title string
}

// notes returns all notes. It reads them page by page.
func (s *server) notes() []note {
	s.t.Helper()
	var rows []note
	for page := 1; ; page++ {
		_, body := s.must(http.StatusOK, "GET", fmt.Sprintf("/notes?sort=id&per_page=500&page=%d", page), "")
		var part []note
		if err := json.Unmarshal([]byte(body), &part); err != nil {
			s.t.Fatal(err)
		}
		if len(part) == 0 {
			return rows
		}
		rows = append(rows, part...)
	}
}
