// Package clienttest generates clients from the OpenAPI document of the API,
// compiles them, and runs programs that use them against a server on each dialect.
// The programs are in testdata: node for TypeScript, and a Go module of its own, so
// that the project does not depend on what a generator needs.
//
// It has tests only. They import what serves the API, and no other package imports
// it.
package clienttest
