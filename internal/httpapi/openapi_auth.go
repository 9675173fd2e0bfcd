package httpapi

import "net/http"

// ofAuth are the statuses of requests that are not authorized.
var ofAuth = []int{http.StatusUnauthorized, http.StatusForbidden}

// authHeader is a header of their responses.
const authHeader = "WWW-Authenticate"

// authStatuses are the responses for ofAuth.
var authStatuses = []furtherStatus{
	{http.StatusUnauthorized, "Missing or invalid bearer token. For an invalid one, WWW-Authenticate has `error`",
		[]string{authHeader}},
	{http.StatusForbidden, "The token lacks the scope that WWW-Authenticate names", []string{authHeader}},
}

// scheme is the name of the security scheme.
const scheme = "token"

// withAuth adds the security scheme and the header WWW-Authenticate to the components.
func (d *document) withAuth(components object) object {
	for i, c := range components {
		if c.name == "headers" {
			header := responseHeader("The required credentials (RFC 6750, section 3)", object{{"type", "string"}})
			components[i].value = append(c.value.(object), member{authHeader, header})
		}
	}
	return append(components, member{"securitySchemes", object{{scheme, object{
		{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"},
		{"description", "A token with scope `" + d.auth.ScopePrefix + scopeRead + "` for GET and HEAD, `" +
			d.auth.ScopePrefix + scopeWrite + "` for POST, PUT, PATCH and DELETE"},
	}}}})
}

// security returns the security requirement of a method of a table's route.
func security(method string, auth *Auth) member {
	return member{"security", array{object{{scheme, array{auth.ScopePrefix + scopeOf(method)}}}}}
}
