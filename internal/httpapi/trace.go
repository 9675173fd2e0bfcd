package httpapi

import (
	"context"
	"net/http"
	"regexp"
	"strings"
)

// traceID returns the id of the trace that a request belongs to, or "".
func (a *api) traceID(ctx context.Context, header http.Header) string {
	if a.TraceID != nil {
		return a.TraceID(ctx)
	}
	return traceparent(header.Values("Traceparent"))
}

var traceparentPattern = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$`)

// traceparent returns the trace-id of the header, or "" if the header is invalid.
// https://www.w3.org/TR/trace-context/#traceparent-header
func traceparent(values []string) string {
	if len(values) != 1 {
		return ""
	}
	m := traceparentPattern.FindStringSubmatch(values[0])
	if m == nil {
		return ""
	}
	version, trace, parent, more := m[1], m[2], m[3], m[4]
	switch {
	case version == "ff", version == "00" && more != "", strings.Trim(trace, "0") == "", strings.Trim(parent, "0") == "":
		return ""
	}
	return trace
}
