// Package app is the application: the tables that the API serves, and your rules for them.
// "db migrate" generates tables.go from schema.hcl together with the migration. You edit
// rules.go.
//
// Only this package contains the names of tables, and only the programs may import it. Other
// packages take tables as an argument. It may import package resource, but no packages for
// HTTP or SQL.
package app

//go:generate go run ../migrate/rowtypes/generate ../../schema.hcl
