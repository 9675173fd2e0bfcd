// Package types calls an API for a table with a column of every type, with the client of oapi-codegen. It takes the
// URL.
package types

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/oapi-codegen/nullable"

	"clients/api"
)

// Run ends the process with an error if a response is not the expected one.
func Run() {
	client, err := api.NewClientWithResponses(os.Args[1])
	check(err)
	ctx := context.Background()
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	slash, price, kind, tags := "go", "12.5", api.SampleCreateKind("it's"), []api.SampleCreateTags{"x"}
	var body api.CreateSamplesJSONRequestBody
	check(body.FromSampleCreate(api.SampleCreate{
		Tiny: 1, Count: 7, Ratio: 0.1, Wide: 1e300, Level: "7", Word: "w", More: "m", SeenAt: &at, Slash: &slash, Sql: &slash,
		Price: &price, Kind: &kind, Tags: &tags, Clock: nullable.NewNullableWithValue("-10:00:00"),
		Data: map[string]any{"a": 1},
	}))
	created, err := client.CreateSamplesWithResponse(ctx, nil, body)
	check(err)
	row, err := created.JSON201.AsSample()
	check(err)
	equal("the new row", fmt.Sprintln(row.Price, row.Kind, row.Tags, row.Data, row.Clock.MustGet(), row.Total.MustGet()),
		"12.50 it's [x] map[a:1] -10:00:00.000 25.000\n")
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
