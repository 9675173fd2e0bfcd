// Package keys calls an API for tables with keys of any shape with the client of oapi-codegen. It takes the URL.
package keys

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"clients/api"
)

// Run ends the process with an error if a response is not the expected one.
func Run() {
	client, err := api.NewClientWithResponses(os.Args[1])
	check(err)
	ctx := context.Background()

	// A text with characters that a path escapes.
	const slug = "52%/a,b?~"
	var body api.CreateTagsJSONRequestBody
	check(body.FromTagCreate(api.TagCreate{Slug: slug}))
	created, err := client.CreateTagsWithResponse(ctx, nil, body)
	check(err)
	id, err := url.PathUnescape(strings.TrimPrefix(created.HTTPResponse.Header.Get("Location"), "/tags/"))
	check(err)
	tag, err := client.GetTagWithResponse(ctx, id, nil)
	check(err)
	equal("the tag", tag.JSON200.Slug, slug)

	// A generated UUID, and a key of two columns.
	var named api.CreateDevicesJSONRequestBody
	check(named.FromDeviceCreate(api.DeviceCreate{Name: "three"}))
	posted, err := client.CreateDevicesWithResponse(ctx, nil, named)
	check(err)
	device, err := posted.JSON201.AsDevice()
	check(err)
	key, seven := device.Id+",2026-01-31T12:00:00Z", 7.0
	put, err := client.ReplaceReadingWithResponse(ctx, key, nil, api.ReadingReplace{Value: &seven})
	check(err)
	equal("a PUT that creates", put.StatusCode(), http.StatusCreated)
	reading, err := client.GetReadingWithResponse(ctx, key, nil)
	check(err)
	equal("the reading", reading.JSON200.Value, seven)

	// Links.
	var titled api.CreateFilmsJSONRequestBody
	check(titled.FromFilmCreate(api.FilmCreate{Title: "h"}))
	film, err := client.CreateFilmsWithResponse(ctx, nil, titled)
	check(err)
	h, err := film.JSON201.AsFilm()
	check(err)
	var cyd api.CreateTagActorsJSONRequestBody
	check(cyd.FromTagActorsCreate(api.TagActorsCreate{Name: "cyd"}))
	actor, err := client.CreateTagActorsWithResponse(ctx, id, nil, cyd)
	check(err)
	a, err := actor.JSON201.AsActor()
	check(err)
	linked, err := client.LinkFilmActorsWithResponse(ctx, h.Id, a.Id)
	check(err)
	equal("link", linked.StatusCode(), http.StatusNoContent)
	unlinked, err := client.UnlinkFilmActorsWithResponse(ctx, h.Id, a.Id)
	check(err)
	equal("unlink", unlinked.StatusCode(), http.StatusNoContent)
}

func equal[T comparable](what string, got, want T) {
	if got != want {
		fmt.Fprintf(os.Stderr, "%s: %v, want %v\n", what, got, want)
		os.Exit(1)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
