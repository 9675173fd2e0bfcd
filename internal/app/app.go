// Package app is the application: the tables that it serves, and what is written by
// hand about them. tables.go is generated from schema.hcl, and `db migrate` writes it
// together with the migration; rules.go is yours.
//
// It is the one package that knows a table by name. Only the programs that wire
// everything together import it, functions and local; the packages below them take
// tables as an argument. It imports resource and nothing of HTTP or SQL.
package app

//go:generate go run ../migrate/rowtypes/generate ../../schema.hcl
