package httpapi

import "net/http"

// ofAuth are the statuses of requests that are refused before the table sees them.
var ofAuth = []int{http.StatusUnauthorized, http.StatusForbidden}

// authHeader is a header of their responses.
const authHeader = "WWW-Authenticate"

// authStatuses are those statuses, described.
var authStatuses = []furtherStatus{
	{http.StatusUnauthorized, "No bearer token, or an invalid one: WWW-Authenticate has an `error` where there is a token",
		[]string{authHeader}},
	{http.StatusForbidden, "The caller lacks the scope that WWW-Authenticate names", []string{authHeader}},
}

// scheme is the name under which the document has the token.
const scheme = "token"

// withAuth adds to the components what there is when scopes count.
func (d *document) withAuth(components object) object {
	for i, c := range components {
		if c.name == "headers" {
			header := responseHeader("What a caller must send (RFC 6750, section 3)", object{{"type", "string"}})
			components[i].value = append(c.value.(object), member{authHeader, header})
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
