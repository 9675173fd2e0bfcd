// Package blog calls an API with the client of oapi-codegen. It takes the URL.
package blog

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"regexp"

	"github.com/oapi-codegen/nullable"

	"clients/api"
)

// Run ends the process with an error if a response is not the expected one.
func Run() {
	client, err := api.NewClientWithResponses(os.Args[1])
	check(err)
	p := &program{ctx: context.Background(), api: client}
	p.create()
	p.list()
	p.follow()
	p.change()
	p.delete()
	readOnly()
}

// program is a client, and what it has created.
type program struct {
	ctx  context.Context
	api  *api.ClientWithResponses
	note api.Note
	post api.Post
}

// create creates a row with what is required only, and an array of rows.
func (p *program) create() {
	var body api.CreateNotesJSONRequestBody
	check(body.FromNoteCreate(api.NoteCreate{Title: "a & b+c"}))
	created, err := p.api.CreateNotesWithResponse(p.ctx, nil, body)
	check(err)
	equal("create", created.StatusCode(), http.StatusCreated)
	p.note, err = created.JSON201.AsNote()
	check(err)
	equal("the new note", p.note.Title+p.note.Content, "a & b+c")
	check(body.FromNoteCreateList(api.NoteCreateList{{Title: "x,y"}, {Title: "z"}}))
	many, err := p.api.CreateNotesWithResponse(p.ctx, nil, body)
	check(err)
	notes, err := many.JSON201.AsNoteList()
	check(err)
	equal("the array of new notes", len(notes), 2)

	var user api.CreateUsersJSONRequestBody
	check(user.FromUserCreate(api.UserCreate{Username: "gopher", Email: "gopher@example.com"}))
	author, err := p.api.CreateUsersWithResponse(p.ctx, nil, user)
	check(err)
	gopher, err := author.JSON201.AsUser()
	check(err)
	var posts api.CreateUserPostsJSONRequestBody
	text := nullable.NewNullableWithValue("text")
	check(posts.FromUserPostsCreateList(api.UserPostsCreateList{{Title: "b", Body: text}, {Title: "a"}, {Title: "b"}}))
	_, err = p.api.CreateUserPostsWithResponse(p.ctx, gopher.Id, nil, posts)
	check(err)
	sorted, err := p.api.ListUserPostsWithResponse(p.ctx, gopher.Id, &api.ListUserPostsParams{
		Sort: &api.PostsSort{"title", "-id"}, Include: &api.PostsInclude{"author"},
	})
	check(err)
	rows := *sorted.JSON200
	equal("sorted by two fields", rows[0].Title+rows[1].Title+rows[2].Title, "abb")
	equal("the second field is descending", rows[1].Id > rows[2].Id, true)
	equal("the author", rows[0].Author.Username, "gopher")
	p.post = rows[2]
}

// list filters the notes.
func (p *program) list() {
	titles := func(params api.ListNotesParams) (titles []string) {
		params.Sort = &api.NotesSort{"id"}
		page, err := p.api.ListNotesWithResponse(p.ctx, &params)
		check(err)
		for _, n := range *page.JSON200 {
			if n.Id >= p.note.Id {
				titles = append(titles, n.Title)
			}
		}
		return titles
	}
	equal("contains", titles(api.ListNotesParams{Title: &api.TextFilter{Contains: ptr("& b+")}}), []string{"a & b+c"})
	equal("in", titles(api.ListNotesParams{Title: &api.TextFilter{In: ptr(`"x,y",z,nothing`)}}), []string{"x,y", "z"})
	equal("gte and ne", titles(api.ListNotesParams{
		Id: &api.IntegerFilter{Gte: ptr(p.note.Id + 1)}, Title: &api.TextFilter{Ne: ptr("z")},
	}), []string{"x,y"})
	equal("gte of a time", titles(api.ListNotesParams{CreatedAt: &api.TimeFilter{Gte: &p.note.CreatedAt}}),
		[]string{"a & b+c", "x,y", "z"})
}

var nextLink = regexp.MustCompile(`<([^>]*)>; rel="next"`)

// follow reads page after page to the end.
func (p *program) follow() {
	params := &api.ListNotesParams{Id: &api.IntegerFilter{Gte: &p.note.Id}, PerPage: ptr(2)}
	var ids []int64
	for more := true; more; {
		page, err := p.api.ListNotesWithResponse(p.ctx, params)
		check(err)
		for _, n := range *page.JSON200 {
			ids = append(ids, n.Id)
		}
		link := nextLink.FindStringSubmatch(page.HTTPResponse.Header.Get("Link"))
		if more = link != nil; more {
			next, err := url.Parse(link[1])
			check(err)
			params.Cursor = ptr(next.Query().Get("cursor"))
		}
	}
	equal("the pages to the end", ids, []int64{p.note.Id + 2, p.note.Id + 1, p.note.Id})
}

// change patches a member to null, under both media types.
func (p *program) change() {
	read, err := p.api.GetPostWithResponse(p.ctx, p.post.Id, nil)
	check(err)
	tag := read.HTTPResponse.Header.Get("ETag")
	again, err := p.api.GetPostWithResponse(p.ctx, p.post.Id, &api.GetPostParams{IfNoneMatch: &tag})
	check(err)
	equal("If-None-Match", again.StatusCode(), http.StatusNotModified)
	patch := api.PostPatch{Body: nullable.NewNullNullable[string]()}
	patched, err := p.api.UpdatePostWithResponse(p.ctx, p.post.Id, nil, patch)
	check(err)
	equal("patch to null", patched.JSON200.Body.IsNull(), true)
	patch = api.PostPatch{Body: nullable.NewNullableWithValue("again")}
	merged, err := p.api.UpdatePostWithApplicationMergePatchPlusJSONBodyWithResponse(p.ctx, p.post.Id, nil, patch)
	check(err)
	equal("a patch as a merge patch", merged.JSON200.Body.MustGet(), "again")
}

// delete deletes one row and many, and reads the errors of a problem.
func (p *program) delete() {
	stale, err := p.api.DeleteNoteWithResponse(p.ctx, p.note.Id, &api.DeleteNoteParams{IfMatch: ptr(`"stale"`)})
	check(err)
	equal("If-Match", stale.StatusCode(), http.StatusPreconditionFailed)
	deleted, err := p.api.DeleteNoteWithResponse(p.ctx, p.note.Id, nil)
	check(err)
	equal("delete", deleted.StatusCode(), http.StatusNoContent)
	many, err := p.api.DeleteNotesWithResponse(p.ctx, &api.DeleteNotesParams{Title: &api.TextFilter{Starts: ptr("x")}})
	check(err)
	equal("delete many", many.JSON200.Affected, int64(1))
	var body api.CreateNotesJSONRequestBody
	check(body.FromNoteCreate(api.NoteCreate{}))
	refused, err := p.api.CreateNotesWithResponse(p.ctx, nil, body)
	check(err)
	equal("a fault", refused.StatusCode(), http.StatusUnprocessableEntity)
	fault := (*refused.ApplicationproblemJSON422.Errors)[0]
	equal("the problem's errors", *fault.Field+" "+fault.Code, "title required")
}

// readOnly checks the types of requests and responses: the compiler the ones that it can.
func readOnly() {
	var _ int64 = api.Note{}.Id
	var _ string = api.NoteCreate{}.Title
	var _ *string = api.NoteCreate{}.Content
	for _, body := range []any{api.NoteCreate{}, api.NotePatch{}, api.UserPostsCreate{}} {
		for _, name := range []string{"Id", "CreatedAt", "UpdatedAt", "UserId"} {
			_, found := reflect.TypeOf(body).FieldByName(name)
			equal(fmt.Sprintf("%s in %T", name, body), found, false)
		}
	}
}

func ptr[T any](value T) *T { return &value }

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// equal panics where got is not want.
func equal(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		panic(fmt.Sprintf("%s: %v, want %v", what, got, want))
	}
}
