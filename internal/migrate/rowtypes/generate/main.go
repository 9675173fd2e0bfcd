// Command generate writes tables.go, the row types of a package, from a schema.hcl:
//
//	//go:generate go run ../migrate/rowtypes/generate ../../schema.hcl
//
// It may import only package rowtypes of slipway, so that it works even if the package that
// it writes for does not compile.
package main

import (
	"fmt"
	"os"

	"slipway/internal/migrate/rowtypes"
)

func main() {
	if len(os.Args) != 2 || os.Getenv("GOPACKAGE") == "" {
		fail("usage in a Go file: //go:generate go run slipway/internal/migrate/rowtypes/generate SCHEMA.HCL")
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
