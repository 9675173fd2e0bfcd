package httpapi

import "net/http"

// ofAuth are the statuses of requests that are refused before the table sees them.
var ofAuth = []int{http.StatusUnauthorized, http.StatusForbidden}

// authHeader is a header of their responses.
const authHeader = "WWW-Authenticate"

// authResponses are those statuses, described.
var authResponses = []furtherStatus{
	{
		status:  http.StatusUnauthorized,
		text:    "No bearer token, or an invalid one: WWW-Authenticate has an `error` where there is a token",
		headers: []string{authHeader},
	},
	{
		status:  http.StatusForbidden,
		text:    "The caller lacks the scope that WWW-Authenticate names",
		headers: []string{authHeader},
	},
}

// scheme is the name under which the document has the token.
const scheme = "token"

// withAuth adds to the components what there is when scopes count.
func (d *document) withAuth(components object) object {
	for i, c := range components {
		switch c.name {
		case "headers":
			header := responseHeader("What a caller must send (RFC 6750, section 3)", object{{"type", "string"}})
			components[i].value = append(c.value.(object), member{authHeader, header})
		case "responses":
			components[i].value = append(c.value.(object), d.describedStatuses(authResponses)...)
		}
	}
	return append(components, member{"securitySchemes", object{{scheme, object{
		{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"},
		{"description", "A token whose `scope` has `" + d.auth.ScopePrefix + scopeRead + "` for GET and HEAD, and `" +
			d.auth.ScopePrefix + scopeWrite + "` for POST, PUT, PATCH and DELETE"},
	}}}})
}

// security is the scope that a method of a table's route requires.
func security(method string, auth *Auth) member {
	return member{"security", array{object{{scheme, array{auth.ScopePrefix + scopeOf(method)}}}}}
}
