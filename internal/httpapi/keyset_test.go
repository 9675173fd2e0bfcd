package httpapi_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// idsOf returns the ids of rows, in order.
func idsOf(rows []map[string]any) string {
	var ids []string
	for _, row := range rows {
		ids = append(ids, fmt.Sprint(row["id"]))
	}
	return strings.Join(ids, " ")
}

// walk follows a list to its end and returns all ids.
func (a *testAPI) walk(path string) []string {
	a.T.Helper()
	var all []string
	for pages := 0; path != ""; pages++ {
		if pages > 200 {
			a.T.Fatalf("%s: no end", path)
		}
		got := a.Must(200, "GET", path, "")
		if text := idsOf(got.Array(a.T)); text != "" {
			all = append(all, strings.Split(text, " ")...)
		}
		path = got.Next()
	}
	return all
}

// manyUsers creates 60 users, with ties in all columns and NULLs in nullable ones.
func (a *testAPI) manyUsers() {
	a.T.Helper()
	var rows []string
	for i := range 60 {
		bio := "null"
		if i%3 > 0 {
			bio = fmt.Sprintf(`"bio %d"`, i%7)
		}
		rows = append(rows,
			fmt.Sprintf(`{"username":"u%02d","email":"u%02d@example.com","bio":%s,"is_active":%v,"score":%d}`, 59-i, i, bio,
				i%2 == 0, i%5-2))
	}
	a.Must(201, "POST", "/users", "["+strings.Join(rows, ",")+"]")
}

// TestKeyset checks that all pages together are the whole list, for every order, with ties
// and NULLs.
func TestKeyset(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.manyUsers()
		for _, sort := range []string{
			"", "id", "-id", "username", "-username", "bio", "-bio", "score", "-score", "is_active,-score", "-is_active,bio",
			"bio,-username", "-bio,score,-email", "created_at", "-created_at", "updated_at,-bio",
			"score,bio,-is_active,username",
		} {
			param := "&sort=" + sort
			if sort == "" {
				param = ""
			}
			for _, filter := range []string{"", "&is_active=true", "&bio[null]=false&score[gte]=0"} {
				whole := idsOf(api.Must(200, "GET", "/users?per_page=1000"+param+filter, "").Array(t))
				for _, n := range []int{1, 7, 59, 60, 61} {
					if got := strings.Join(api.walk(fmt.Sprintf("/users?per_page=%d%s%s", n, param, filter)), " "); got != whole {
						t.Errorf("sort=%s%s by %d:\n%s\nwant\n%s", sort, filter, n, got, whole)
					}
				}
			}
		}
	})
}

// TestKeysetChanges checks that creates and deletes between two pages neither skip nor
// repeat other rows.
func TestKeysetChanges(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.manyUsers()
		for _, sort := range []string{"-created_at", "bio", "-bio", "-score,bio"} {
			before := strings.Split(idsOf(api.Must(200, "GET", "/users?per_page=1000&sort="+sort, "").Array(t)), " ")
			first := api.Must(200, "GET", "/users?per_page=10&sort="+sort, "")
			seen := strings.Split(idsOf(first.Array(t)), " ")
			// Delete the row of the cursor, one before and one after it; create another.
			gone := []string{before[9], before[3], before[12]}
			for _, id := range gone {
				api.Must(204, "DELETE", "/users/"+id, "")
			}
			made := api.Must(201, "POST", "/users",
				fmt.Sprintf(`{"username":"new %s","email":"new%d@example.com"}`, sort, len(sort))).Object(t)
			rest := api.walk(first.Next())
			for _, id := range before[10:] {
				n := 0
				for _, x := range rest {
					if x == id {
						n++
					}
				}
				if want := 1; n != want && !slices.Contains(gone, id) {
					t.Errorf("sort=%s: row %s is on %d pages", sort, id, n)
				}
			}
			for _, id := range rest {
				if slices.Contains(seen, id) {
					t.Errorf("sort=%s: row %s is repeated", sort, id)
				}
			}
			api.Must(204, "DELETE", fmt.Sprint("/users/", made["id"]), "")
		}
	})
}

// TestKeysetLongText checks that no row is skipped after a key that is too long for a
// cursor, even if its row is deleted.
func TestKeysetLongText(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		long := strings.Repeat("ä", 20_000)
		for _, c := range []string{"c", "a", "b", "", "a"} {
			api.Must(201, "POST", "/notes", fmt.Sprintf(`{"title":"x","content":%q}`, long+c))
		}
		for sort, want := range map[string]string{"content": "4 2 5 3 1", "-content": "1 3 5 2 4",
			"content,-title": "4 2 5 3 1"} {
			if got := strings.Join(api.walk("/notes?fields=id&per_page=1&sort="+sort), " "); got != want {
				t.Errorf("sort=%s: %s, want %s", sort, got, want)
			}
			first := api.Must(200, "GET", "/notes?fields=id&per_page=2&sort="+sort, "")
			if n := len(first.Header.Get("Link")); n > 5000 {
				t.Errorf("a Link of %d bytes exceeds the limit of a gateway", n)
			}
		}
		second := api.Must(200, "GET", "/notes?fields=id&per_page=2&sort=content", "")
		api.Must(204, "DELETE", "/notes/2", "")
		rest := api.walk(second.Next())
		for _, id := range []string{"5", "3", "1"} {
			if !slices.Contains(rest, id) {
				t.Errorf("row %s is skipped: %s", id, rest)
			}
		}
		second = api.Must(200, "GET", "/notes?fields=id&per_page=2&sort=-content", "")
		api.Must(204, "DELETE", "/notes/3", "")
		if rest = api.walk(second.Next()); !slices.Contains(rest, "5") || !slices.Contains(rest, "4") {
			t.Errorf("a row is skipped: %s", rest)
		}
	})
}

// TestLinks checks that links keep the path and the other parameters.
func TestLinks(t *testing.T) {
	t.Parallel()
	eachDialect(t, func(t *testing.T, api *testAPI) {
		api.seed()
		first := api.Must(200, "GET", "/notes?per_page=2&sort=-title&title[contains]=%C3%A9&title[ne]=a%26b", "")
		if link := first.Header.Get("Link"); link != "" {
			t.Errorf("a Link without more rows: %s", link)
		}
		first = api.Must(200, "GET", "/notes?per_page=2&title[ne]=a%26b", "")
		next := first.Next()
		if !regexp.MustCompile(`^/notes\?cursor=[\w-]+&per_page=2&title%5Bne%5D=a%26b$`).MatchString(next) {
			t.Errorf("next is %s", next)
		}
		if first.Header.Get("X-Total-Count") != "" {
			t.Error("X-Total-Count without count=exact")
		}
		api.lists(next, "1")
		if got := api.Must(200, "GET", next+"&count=exact", ""); got.Header.Get("X-Total-Count") != "3" || got.Next() != "" {
			t.Errorf("%v", got.Header)
		}
		if got := api.Must(200, "GET", "/notes?count=exact&per_page=1", ""); got.Header.Get("X-Total-Count") != "3" ||
			got.Next() == "" {
			t.Errorf("%v", got.Header)
		}
		// A cursor is valid for one order and one table.
		cursor, _, _ := strings.Cut(next[strings.Index(next, "cursor="):], "&")
		for _, path := range []string{"/notes?sort=title&" + cursor, "/users?" + cursor, "/notes?sort=created_at&" + cursor,
			"/notes?page=1&" + cursor} {
			api.Must(400, "GET", path, "")
		}
		for i := len("cursor="); i < len(cursor); i++ {
			other := "A"
			if cursor[i] == 'A' {
				other = "B"
			}
			api.Must(400, "GET", "/notes?"+cursor[:i]+other+cursor[i+1:], "")
		}
	})
}
