// Package app is the application: the tables of the API and their rules. The row types are
// generated from schema.hcl, by `db migrate` and by `go generate`. Write rules by hand, as
// methods of the row types.
//
// It may import resource, but no package of HTTP or SQL.
package app

//go:generate go run ../migrate/rowtypes/generate ../../schema.hcl
