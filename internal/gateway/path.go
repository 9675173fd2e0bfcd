package gateway

import (
	"net/url"
	"strings"
)

// pathEncoded reports whether the event's path is percent-encoded, as the client sent it. An HTTP API decodes the path
// in both payloads: '%' and '?' are data then, and a decoded "%2F" cannot be distinguished from a separator. The other
// sources do not decode it. Captured events of all sources are in
// https://github.com/hotsock/voker/tree/main/vokerhttp/testdata; see also
// https://github.com/localstack/localstack/pull/7728 for REST APIs.
func (e *event) pathEncoded() bool { return e.kind != httpAPI && e.kind != httpAPIv1 }

// splitPath splits the path into the base path, escaped for a URL, and the path for the handler, as in the event.
//
// No field contains the length of the base path. These fields determine it, the most reliable first:
//
//	a greedy parameter   "/{proxy+}" matched "notes/7"      the handler's path is the match
//	the route            "/" or "/notes/{id}" was matched   the handler's path has the same number of segments
//	two paths (REST)     "/notes/7" and "/dev/notes/7"      the handler's path is the shorter, the rest is the stage
//	the stage (HTTP)     "dev", and the path is "/dev/…"    the base path is the stage
//
// For a REST API the stage is not enough, because its path does not contain the stage: with a stage "notes", the path
// of a note is still "/notes/7". https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
func (e *event) splitPath() (base, route string) {
	path, full := e.paths()
	cut := len(full) - len(path)
	if i, ok := e.routeStart(full); ok {
		cut = i
	} else if cut == 0 && (e.kind == httpAPI || e.kind == httpAPIv1) {
		cut = stagePrefix(full, e.RequestContext.Stage)
	}
	base, route = full[:cut], full[cut:]
	if route == "" {
		route = "/"
	}
	if base = strings.Trim(base, "/"); base != "" {
		base = "/" + base // one slash: two would refer to another host
	}
	if !e.pathEncoded() {
		base = (&url.URL{Path: base}).EscapedPath()
	}
	return base, route
}

// paths returns the event's path, and the full path that the client sent, which only REST APIs provide.
func (e *event) paths() (path, full string) {
	switch {
	case e.payload2() && e.RawPath != "":
		path = e.RawPath
	case e.payload2():
		path = e.RequestContext.HTTP.Path
	case e.Path != nil:
		path = *e.Path
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	full = e.RequestContext.Path
	if path == "/" && !strings.HasSuffix(full, "/") {
		full += "/" // GET /dev is "/" in one and "/dev" in the other
	}
	if e.payload2() || !strings.HasPrefix(full, "/") || !strings.HasSuffix(full, path) {
		return path, path
	}
	return path, full
}

// routeStart returns the start of the handler's path in full, from the route that the gateway matched. It returns false
// if the event does not contain enough information.
func (e *event) routeStart(full string) (int, bool) {
	template := e.Resource
	if _, route, ok := strings.Cut(e.RouteKey, " "); ok {
		template = route // "GET /notes/{id}"; a key without a method, such as $default, matches any path
	}
	greedy := "proxy"
	if i := strings.LastIndex(template, "/{"); i >= 0 && strings.HasSuffix(template, "+}") {
		greedy = template[i+2 : len(template)-2]
	}
	if rest := e.PathParameters[greedy]; rest != "" {
		return suffixStart(full, rest, e.pathEncoded())
	}
	if !strings.HasPrefix(template, "/") || strings.HasSuffix(template, "+}") {
		return 0, false
	}
	if template == "/" {
		return len(strings.TrimSuffix(full, "/")), true
	}
	return templateStart(full, template)
}

// suffixStart returns the index of the slash in full that precedes the suffix rest. A greedy parameter does not contain
// the trailing slash of the path, and either of the two may be decoded.
func suffixStart(full, rest string, encoded bool) (int, bool) {
	for _, tail := range []string{"/" + rest, "/" + rest + "/"} {
		if strings.HasSuffix(full, tail) {
			return len(full) - len(tail), true
		}
	}
	decodedRest, err := url.PathUnescape(rest)
	if err != nil {
		decodedRest = rest
	}
	if !encoded {
		return len(full) - len(decodedRest) - 1, strings.HasSuffix(full, "/"+decodedRest)
	}
	decodedFull, err := url.PathUnescape(full)
	if err != nil || !(strings.HasSuffix(decodedFull, "/"+rest) || strings.HasSuffix(decodedFull, "/"+decodedRest)) {
		return 0, false
	}
	for i := range full {
		if full[i] != '/' {
			continue
		}
		if decoded, err := url.PathUnescape(full[i+1:]); err == nil && (decoded == rest || decoded == decodedRest) {
			return i, true
		}
	}
	return 0, false
}

// templateStart returns the start in full of the segments of a template without a greedy parameter, counted from the
// end. Segments that are not parameters must be equal after decoding.
func templateStart(full, template string) (int, bool) {
	segments := strings.Split(strings.Trim(template, "/"), "/")
	i := len(strings.TrimSuffix(full, "/"))
	for n := len(segments) - 1; n >= 0; n-- {
		start := strings.LastIndexByte(full[:i], '/')
		if start < 0 || !strings.HasPrefix(segments[n], "{") && !means(full[start+1:i], segments[n]) {
			return 0, false
		}
		i = start
	}
	return i, true
}

// means reports whether a segment of a path is equal to text, percent-encoded or not.
func means(segment, text string) bool {
	decoded, err := url.PathUnescape(segment)
	return segment == text || err == nil && decoded == text
}

// stagePrefix returns the length of the stage at the start of path. It is 0 if path does not begin with the stage, or
// for the stage $default.
func stagePrefix(path, stage string) int {
	if stage == "" || stage == "$default" {
		return 0
	}
	rest, ok := strings.CutPrefix(path, "/"+stage)
	if !ok || rest != "" && rest[0] != '/' {
		return 0
	}
	return len(path) - len(rest)
}

// setPath sets the path of u to route, decoded if it is encoded. A route that cannot be decoded stays unchanged: a
// stray '%' in a path is a missing row (404), not a malformed request.
func setPath(u *url.URL, route string, encoded bool) {
	u.Path, u.RawPath = route, ""
	if !encoded {
		return
	}
	decoded, err := url.PathUnescape(route)
	if err != nil {
		return
	}
	u.Path, u.RawPath = decoded, route
	if u.EscapedPath() != route || (&url.URL{Path: decoded}).EscapedPath() == route {
		u.RawPath = "" // as in url.Parse: only if the default encoding differs
	}
}
