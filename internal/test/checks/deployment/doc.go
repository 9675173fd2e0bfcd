// Package deployment tests template.yaml with all combinations of its parameters, samconfig.toml, the documents about
// them, and the workflows in .github. Run it with -count=1: Go does not detect changes of files outside of the module
// and would reuse an old result.
//
// It is for tests only. It may import what the template must agree with, such as config and httpapi.
package deployment
