// Package clienttest generates clients from the OpenAPI document, compiles them, and runs programs that use them
// against a server on each dialect. The programs are in testdata: node for TypeScript, and a separate Go module, so
// that the project does not depend on the generators.
//
// It contains tests only. No other package may import it.
package clienttest
