package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Auth is the value of AUTH: whether requests for tables require authentication.
type Auth string

const (
	// AuthUnset means AuthOff for the local server on a loopback address, and AuthRequired
	// everywhere else.
	AuthUnset Auth = ""
	// AuthRequired refuses requests without valid credentials.
	AuthRequired Auth = "required"
	// AuthOff accepts all requests and ignores scopes.
	AuthOff Auth = "off"
)

// scopePrefixPattern matches the characters of a scope (RFC 6749, section 3.3).
var scopePrefixPattern = regexp.MustCompile(`^[!#-\[\]-~]*$`)

// loadAuth reads the variables for authentication. If AUTH is unset, an issuer sets it to
// required.
func (c *Config) loadAuth(getenv func(string) string) error {
	switch c.Auth = Auth(getenv("AUTH")); c.Auth {
	case AuthUnset, AuthRequired, AuthOff:
	default:
		return fmt.Errorf("AUTH is %q: it must be required or off, or unset", string(c.Auth))
	}
	if c.AuthIssuer = getenv("AUTH_ISSUER"); c.AuthIssuer != "" && !isIssuer(c.AuthIssuer) {
		shown := c.AuthIssuer
		if i := strings.LastIndexByte(shown, '@'); i >= 0 { // the text before it can be a password
			shown = "…" + shown[i:]
		}
		return fmt.Errorf("AUTH_ISSUER is %q: it must be the exact URL in the claim iss of the tokens, such as "+
			"https://login.example.com/. The scheme must be https (http on loopback only), "+
			"without user, query or fragment", shown)
	}
	list := getenv("AUTH_AUDIENCE")
	if list != "" {
		for item := range strings.SplitSeq(list, ",") {
			item = strings.TrimSpace(item)
			if item == "" || slices.Contains(c.AuthAudience, item) {
				return fmt.Errorf("AUTH_AUDIENCE is %q: it must be the audience of the tokens (aud), such as "+
					"https://api.example.com or a client id. Separate several by commas, without repetition", list)
			}
			c.AuthAudience = append(c.AuthAudience, item)
		}
	}
	if (c.AuthIssuer == "") != (c.AuthAudience == nil) {
		return fmt.Errorf("AUTH_ISSUER is %q and AUTH_AUDIENCE is %q: set both or neither", c.AuthIssuer, list)
	}
	if c.Auth == AuthUnset && c.AuthIssuer != "" {
		c.Auth = AuthRequired
	}
	c.AuthScopePrefix = getenv("AUTH_SCOPE_PREFIX")
	if !scopePrefixPattern.MatchString(c.AuthScopePrefix) {
		return fmt.Errorf("AUTH_SCOPE_PREFIX is %q: it must be the prefix of read and write in scopes, such as "+
			"https://api.example.com/. It must be printable ASCII without spaces, quotes and backslashes", c.AuthScopePrefix)
	}
	return nil
}

// isIssuer reports whether s is a valid URL of an OpenID Connect issuer.
func isIssuer(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(s, "?#") {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	loopback := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && loopback
}
