package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// recorder is the http.ResponseWriter of the handler. It behaves as that of net/http. When the handler returns, replay
// copies the response to a writer of the library.
type recorder struct {
	method  string
	live    http.Header // the headers that the handler can change
	header  http.Header // the headers at WriteHeader, which are sent
	status  int         // 0 until WriteHeader
	untyped bool        // the first write determines the Content-Type
	body    bytes.Buffer
}

func newRecorder(method string) *recorder {
	return &recorder{method: method, live: make(http.Header)}
}

// Header returns the headers to be sent. Changes after WriteHeader are not.
func (w *recorder) Header() http.Header { return w.live }

// WriteHeader sets the status and the headers. Only the first call has an effect. It ignores 1xx, because a Lambda
// function has one response only. As in net/http, it panics on an invalid status.
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
			delete(w.header, name) // an empty list prevents a default value, as in net/http
		}
		for i := range values {
			values[i] = oneLine.Replace(values[i])
		}
	}
}

// oneLine prevents header injection, as in net/http.
var oneLine = strings.NewReplacer("\n", " ", "\r", " ")

// Write appends to the body, and detects the Content-Type if there is none. For HEAD it discards the body. For 204 and
// 304 it returns http.ErrBodyNotAllowed.
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

// Flush sets the headers. The response is sent when the handler returns.
func (w *recorder) Flush() { w.finish() }

// finish sets the status 200 if the handler set none.
func (w *recorder) finish() {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
}

// problem returns a problem response (RFC 9457) with the same members as those of httpapi. Of the handler's headers, it
// keeps the request ID and those for CORS.
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
	_ = json.NewEncoder(w).Encode(struct { // cannot fail: strings and an int, to memory
		Type      string `json:"type"`
		Title     string `json:"title"`
		Status    int    `json:"status"`
		Detail    string `json:"detail"`
		RequestID string `json:"request_id"`
		Error     string `json:"error"`
	}{"about:blank", http.StatusText(status), status, detail, requestID, detail})
	return w
}
