// Command clients runs all programs, one after the other. It takes the URL of the API.
package main

import (
	"clients/blog"
	"clients/example"
	"clients/keys"
	"clients/types"
)

func main() {
	blog.Run()
	example.Run()
	keys.Run()
	types.Run()
}
