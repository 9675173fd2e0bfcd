package httpapi

import (
	"net/http"

	"github.com/rs/cors"
)

// withCORS lets pages of these origins call, with "*" those of any; without
// origins it changes nothing. A preflight goes on to the route that answers
// OPTIONS. Cookies are no part of it: whoever calls says who it is in a header.
//
// https://fetch.spec.whatwg.org/#http-cors-protocol
func withCORS(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 { // the library takes none for all
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: methods,
		AllowedHeaders: []string{"Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", requestIDHeader},
		ExposedHeaders: []string{"Allow", "ETag", "Idempotency-Replayed", "Link", "Location", "Retry-After", "X-Total-Count", requestIDHeader},
		// Seconds for which a browser need not ask again: the most that all of them
		// heed (WebKit stops here, Chromium at 7,200, Firefox at 86,400).
		MaxAge:             600,
		OptionsPassthrough: true,
	}).Handler(next)
}
