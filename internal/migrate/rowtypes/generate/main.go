// Command generate writes tables.go, the row types of a package, from a schema.hcl:
//
//	//go:generate go run ../migrate/rowtypes/generate ../../schema.hcl
//
// It does not import the package that it writes for, so that it works where that
// package does not compile. It imports rowtypes and nothing else of slipway.
package main

import (
	"fmt"
	"os"

	"slipway/internal/migrate/rowtypes"
)

func main() {
	if len(os.Args) != 2 || os.Getenv("GOPACKAGE") == "" {
		fail("usage, in a file of Go: //go:generate go run slipway/internal/migrate/rowtypes/generate SCHEMA.HCL")
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fail(err)
	}
	source, err := rowtypes.Generate(os.Getenv("GOPACKAGE"), os.Args[1], text)
	if err != nil {
		fail(err)
	}
	for _, note := range source.Notes {
		fmt.Println("note:", note)
	}
	if err := source.WriteFile(rowtypes.File); err != nil {
		fail(err)
	}
}

func fail(err any) {
	fmt.Fprintln(os.Stderr, "generate:", err)
	os.Exit(1)
}
