package httpapi

import "net/http"

// ofAuth are the statuses that a request of a table may come to before the table
// knows of it.
var ofAuth = []int{http.StatusUnauthorized, http.StatusForbidden}

// authHeader is a header of their answers.
const authHeader = "WWW-Authenticate"

// authResponses are those statuses, described.
var authResponses = []furtherStatus{
	{status: http.StatusUnauthorized, text: "The request does not say who it is from, or with a token that is not taken: WWW-Authenticate says so, with `error` where there is a token", headers: []string{authHeader}},
	{status: http.StatusForbidden, text: "The caller lacks the scope that WWW-Authenticate names", headers: []string{authHeader}},
}

// scheme is the name under which the document has the token.
const scheme = "token"

// withAuth adds to the components what there is when scopes count.
func withAuth(components object, auth *Auth) object {
	for i, c := range components {
		switch c.name {
		case "headers":
			components[i].value = append(c.value.(object), member{authHeader, responseHeader("What a caller has to bring (RFC 6750, section 3)", object{{"type", "string"}})})
		case "responses":
			components[i].value = append(c.value.(object), describedStatuses(authResponses)...)
		}
	}
	return append(components, member{"securitySchemes", object{{scheme, object{
		{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"},
		{"description", "A token whose `scope` has `" + auth.ScopePrefix + scopeRead + "` for GET and HEAD, and `" + auth.ScopePrefix + scopeWrite + "` for POST, PUT, PATCH and DELETE"},
	}}}})
}

// security is the scope that a method of a table's route requires.
func security(method string, auth *Auth) member {
	return member{"security", array{object{{scheme, array{auth.ScopePrefix + scopeOf(method)}}}}}
}
