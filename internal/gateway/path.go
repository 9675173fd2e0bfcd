package gateway

import (
	"net/url"
	"strings"
)

// pathEncoded tells whether the event's path is as the client sent it, percent-encoded. An HTTP API decodes it before
// the function sees it, in both payloads: what looks like an escape there is data, and so is a '?'. (A decoded "%2F"
// cannot be told from a separator any more.) The others pass it through. Events captured from all of them are in
// https://github.com/hotsock/voker/tree/main/vokerhttp/testdata, and
// https://github.com/localstack/localstack/pull/7728 says the same of REST APIs.
func (e *event) pathEncoded() bool { return e.kind != httpAPI && e.kind != httpAPIv1 }

// splitPath cuts the path in two: the base path, ready to stand in a URL, and the path that the handler is to see,
// as the gateway wrote it.
//
// No field says where the one ends and the other begins. What the events do say, best witness first:
//
//	a greedy parameter   "/{proxy+}" matched "notes/7"      the handler's path is what it matched
//	the route            "/" or "/notes/{id}" was matched   the handler's path is as many segments at the end
//	two paths (REST)     "/notes/7" and "/dev/notes/7"      the shorter is the handler's, the rest is the stage
//	the stage (HTTP)     "dev", and the path is "/dev/…"    the stage is the base
//
// The stage alone proves nothing for a REST API, whose path has no stage in it: with a stage called "notes" the path
// of a note is "/notes/7" all the same.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
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
		base = "/" + base // one slash: two would make a link to another host
	}
	if !e.pathEncoded() {
		base = (&url.URL{Path: base}).EscapedPath()
	}
	return base, route
}

// paths returns the event's path, and the same with all that the client had in front of it, which only REST APIs tell.
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

// routeStart finds where the handler's path begins by the route that the gateway matched, if the event tells.
func (e *event) routeStart(full string) (int, bool) {
	template := e.Resource
	if _, route, ok := strings.Cut(e.RouteKey, " "); ok {
		template = route // "GET /notes/{id}"; a key without a method, such as $default, matches anything
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

// suffixStart finds the slash in full after which rest stands, all of it and up to the end. A greedy parameter comes
// without the slash that ends the path, and one or the other may come decoded.
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

// templateStart finds where in full the segments of a template without a greedy parameter begin, counting from the
// end. The segments that are no parameters must be the same once they are decoded.
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

// means reports whether a segment of a path is text, percent-encoded or not.
func means(segment, text string) bool {
	decoded, err := url.PathUnescape(segment)
	return segment == text || err == nil && decoded == text
}

// stagePrefix returns the length of the stage in front of path: 0 when it is not there, or is the one without a name.
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

// setPath puts the route into u, decoded when it is encoded. What cannot be decoded is taken as it stands: a stray '%'
// in a path is a row that does not exist, and no reason to fail.
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
		u.RawPath = "" // as url.Parse has it: only where the default encoding differs
	}
}
