package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/rs/cors"
)

// withCORS adds the CORS headers for these origins, or for any origin if it is "*". Without
// origins it returns next. A preflight request reaches the OPTIONS route as well. Cookies
// are not allowed: callers authenticate with a header.
//
// https://fetch.spec.whatwg.org/#http-cors-protocol
func withCORS(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 { // the library would allow every origin
		return next
	}
	handler := cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: methods,
		AllowedHeaders: []string{"Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "If-Match",
			"If-None-Match", requestIDHeader},
		ExposedHeaders: []string{"Allow", "ETag", "Idempotency-Replayed", "Link", "Location", "Retry-After",
			"WWW-Authenticate", "X-Total-Count", requestIDHeader},
		// Seconds for which a browser caches the preflight response. WebKit has the smallest
		// maximum: 600. Chromium's is 7,200, Firefox's 86,400.
		MaxAge:             600,
		OptionsPassthrough: true,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		normalizeRequestHeaders(r.Header)
		handler.ServeHTTP(w, r)
	})
}

// normalizeRequestHeaders rewrites Access-Control-Request-Headers in the format of browsers:
// lower case, sorted, without spaces. The library accepts no other format, and preflight
// requests from other clients may differ.
func normalizeRequestHeaders(header http.Header) {
	const name = "Access-Control-Request-Headers"
	if header[name] == nil {
		return
	}
	var names []string
	for field := range strings.SplitSeq(strings.ToLower(strings.Join(header[name], ",")), ",") {
		if field = strings.TrimSpace(field); field != "" {
			names = append(names, field)
		}
	}
	slices.Sort(names)
	header.Set(name, strings.Join(slices.Compact(names), ","))
}
