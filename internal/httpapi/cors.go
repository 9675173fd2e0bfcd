package httpapi

import (
	"net/http"

	"github.com/rs/cors"
)

// withCORS lets browsers call from these origins; with none it changes nothing. A
// preflight goes on to the route that answers OPTIONS.
//
// https://fetch.spec.whatwg.org/#http-cors-protocol
func withCORS(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 { // the library would take it for all
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: methods,
		AllowedHeaders: []string{"Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", requestIDHeader},
		ExposedHeaders: []string{"Allow", "ETag", "Idempotency-Replayed", "Link", "Location", "Retry-After", "X-Total-Count", requestIDHeader},
		// Seconds that a browser remembers a preflight. Chromium takes no more
		// than 7,200; a change of the origins should not take hours to be seen.
		MaxAge:               600,
		OptionsPassthrough:   true,
		OptionsSuccessStatus: http.StatusNoContent,
	}).Handler(next)
}
