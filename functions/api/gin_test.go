package main

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"slipway/internal/gateway"
)

// TestGin: Gin's own ResponseWriter works with that of package gateway.
func TestGin(t *testing.T) {
	t.Parallel()
	const event = `{"version":"2.0","rawPath":"/","requestContext":{"requestId":"r-1","http":{"method":"GET"}}}`
	for name, c := range map[string]struct {
		handler gin.HandlerFunc
		want    string
	}{
		"JSON": {func(c *gin.Context) {
			c.JSON(http.StatusCreated, gin.H{"a": "<&>"})
		}, `{"statusCode":201,"headers":{"Content-Type":"application/json; charset=utf-8"},` +
			`"body":"{\"a\":\"\\u003c\\u0026\\u003e\"}","isBase64Encoded":false}`},
		"a status": {func(c *gin.Context) {
			c.Status(http.StatusNoContent)
		}, `{"statusCode":204,"body":"","isBase64Encoded":false}`},
		"a flush": {func(c *gin.Context) {
			c.String(http.StatusOK, "a")
			c.Writer.Flush()
			c.String(http.StatusOK, "b")
		}, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"ab","isBase64Encoded":false}`},
	} {
		engine := gin.New()
		engine.GET("/", c.handler)
		got, err := gateway.New(engine).Invoke(t.Context(), []byte(event))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %s, %v; want %s", name, got, err, c.want)
		}
	}
}
