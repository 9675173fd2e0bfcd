// Package deployment tests template.yaml with all combinations of its parameters, samconfig.toml, the documents about
// them, and the workflows in .github.
//
// It is for tests only. It may import what the template must agree with, such as config and httpapi.
package deployment
