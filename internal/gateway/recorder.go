package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// recorder is the http.ResponseWriter that the handler writes to. It keeps to what net/http does with the same calls,
// and is handed to the library's writer when all is said.
type recorder struct {
	method  string
	live    http.Header // what the handler has in hands
	header  http.Header // what it was at WriteHeader: what counts
	status  int         // 0 until WriteHeader
	untyped bool        // the first byte of the body decides on the Content-Type
	body    bytes.Buffer
}

func newRecorder(method string) *recorder {
	return &recorder{method: method, live: make(http.Header)}
}

// Header returns the headers to be sent. Changes after WriteHeader are not.
func (w *recorder) Header() http.Header { return w.live }

// WriteHeader settles status and headers. The first call counts; 1xx is not the answer yet and is not sent, as Lambda
// knows one answer only. It panics where net/http does: on what is no status at all.
func (w *recorder) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	w.header = w.live.Clone()
	_, typed := w.header["Content-Type"]
	w.untyped = !typed && w.header.Get("Content-Encoding") == ""
	for name, values := range w.header {
		if len(values) == 0 {
			delete(w.header, name) // how a handler keeps net/http from adding one of its own
		}
		for i := range values {
			values[i] = oneLine.Replace(values[i])
		}
	}
}

// oneLine is net/http's guard against a header's value becoming two headers.
var oneLine = strings.NewReplacer("\n", " ", "\r", " ")

// Write adds to the body, guessing its Content-Type if there is none. Where an answer has no body it is dropped: in
// silence for HEAD, with http.ErrBodyNotAllowed for 204 and 304.
func (w *recorder) Write(p []byte) (int, error) {
	w.finish()
	if w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	if w.untyped && len(p) > 0 {
		w.untyped = false
		w.header.Set("Content-Type", http.DetectContentType(p))
	}
	if w.method == http.MethodHead {
		return len(p), nil
	}
	return w.body.Write(p)
}

// Flush settles the headers, as a flush does. The answer itself goes out whole, at the end.
func (w *recorder) Flush() { w.finish() }

// finish makes a handler's silence a 200.
func (w *recorder) finish() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
}

// problem is an answer of this package's own, as RFC 9457 and with the members of the application's. Of the headers
// that the handler had set it keeps those that are not about its body: under which id the request is logged, and what
// lets a browser's script read the answer (CORS).
func problem(method string, status int, detail, requestID string, handlers http.Header) *recorder {
	w := newRecorder(method)
	for name, values := range handlers {
		if name == "X-Request-Id" || name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
			w.live[name] = values
		}
	}
	if id := w.live.Get("X-Request-Id"); id != "" {
		requestID = id
	}
	if requestID != "" {
		w.live.Set("X-Request-Id", requestID)
	}
	w.live.Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct { // strings and an int, into memory
		Type      string `json:"type"`
		Title     string `json:"title"`
		Status    int    `json:"status"`
		Detail    string `json:"detail"`
		RequestID string `json:"request_id"`
		Error     string `json:"error"`
	}{"about:blank", http.StatusText(status), status, detail, requestID, detail})
	return w
}
