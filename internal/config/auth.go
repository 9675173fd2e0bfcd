package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Auth is whether a request for a table has to say who it is from.
type Auth string

const (
	// AuthUnset is AuthOff under local where ADDR is loopback, and AuthRequired
	// everywhere else.
	AuthUnset Auth = ""
	// AuthRequired refuses a request that does not say who it is from.
	AuthRequired Auth = "required"
	// AuthOff asks nobody, and scopes do not count.
	AuthOff Auth = "off"
)

// aScopePrefix is what can stand in a scope (RFC 6749, section 3.3), but for what
// would have to be quoted elsewhere.
var aScopePrefix = regexp.MustCompile(`^[!#-\[\]-~]*$`)

// loadAuth reads what of the environment is about who may call. An issuer is a
// wish for its tokens: with one, AUTH is required unless it says otherwise.
func (c *Config) loadAuth(getenv func(string) string) error {
	switch c.Auth = Auth(getenv("AUTH")); c.Auth {
	case AuthUnset, AuthRequired, AuthOff:
	default:
		return fmt.Errorf("AUTH is %q: it is required or off, or not set", string(c.Auth))
	}
	if c.AuthIssuer = getenv("AUTH_ISSUER"); c.AuthIssuer != "" && !isIssuer(c.AuthIssuer) {
		shown := c.AuthIssuer
		if i := strings.LastIndexByte(shown, '@'); i >= 0 { // what stands before it can be a password
			shown = "…" + shown[i:]
		}
		return fmt.Errorf("AUTH_ISSUER is %q: it is the URL in iss of the tokens, letter by letter, such as "+
			"https://login.example.com/: "+
			"https (http on loopback only), with no user, query or fragment", shown)
	}
	list := getenv("AUTH_AUDIENCE")
	if list != "" {
		for item := range strings.SplitSeq(list, ",") {
			item = strings.TrimSpace(item)
			if item == "" || slices.Contains(c.AuthAudience, item) {
				return fmt.Errorf("AUTH_AUDIENCE is %q: it is whom tokens are for (aud), such as https://api.example.com or the "+
					"id of a client; "+
					"several are parted by commas, each named once", list)
			}
			c.AuthAudience = append(c.AuthAudience, item)
		}
	}
	if (c.AuthIssuer == "") != (c.AuthAudience == nil) {
		return fmt.Errorf("AUTH_ISSUER is %q and AUTH_AUDIENCE is %q: they come together, or not at all", c.AuthIssuer, list)
	}
	if c.Auth == AuthUnset && c.AuthIssuer != "" {
		c.Auth = AuthRequired
	}
	c.AuthScopePrefix = getenv("AUTH_SCOPE_PREFIX")
	if !aScopePrefix.MatchString(c.AuthScopePrefix) {
		return fmt.Errorf("AUTH_SCOPE_PREFIX is %q: it is what stands in front of read and write in a scope, such as "+
			"https://api.example.com/: "+
			"printable ASCII without blanks, quotes and backslashes", c.AuthScopePrefix)
	}
	return nil
}

// isIssuer says whether an OpenID Connect issuer can have that URL.
func isIssuer(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(s, "?#") {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	loopback := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && loopback
}
