package httpapi

import (
	"net/http"
	"slices"
	"strings"

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
	handler := cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: methods,
		AllowedHeaders: []string{"Authorization", "Cache-Control", "Content-Type", "Idempotency-Key", "If-Match",
			"If-None-Match", requestIDHeader},
		ExposedHeaders: []string{"Allow", "ETag", "Idempotency-Replayed", "Link", "Location", "Retry-After",
			"WWW-Authenticate", "X-Total-Count", requestIDHeader},
		// Seconds for which a browser need not ask again: the most that all of them
		// heed (WebKit stops here, Chromium at 7,200, Firefox at 86,400).
		MaxAge:             600,
		OptionsPassthrough: true,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		canonical(r.Header)
		handler.ServeHTTP(w, r)
	})
}

// canonical writes the headers that a preflight asks for as browsers do: in small
// letters, sorted, without blanks. The library reads no other form, and whoever
// tries a preflight by hand would write them as they are spelt elsewhere.
func canonical(header http.Header) {
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
