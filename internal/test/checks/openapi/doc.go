// Package openapi tests the OpenAPI document and the page at /docs of httpapi: a JSON Schema validator compares the
// document with requests and responses, and Chromium opens the page.
//
// It is for tests only. It may import httpapi, resource, and the helpers below internal/test.
package openapi
