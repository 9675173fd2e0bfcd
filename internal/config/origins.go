package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// originPattern matches an origin in the format of browsers (RFC 6454, section 6.1). Browsers
// compare origins byte by byte, so an origin in another format never matches. The groups are
// the scheme, the address in brackets and the port.
var originPattern = regexp.MustCompile(
	`^([a-z][a-z0-9+.-]*)://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[([0-9a-f:]+)\])(?::([1-9][0-9]*))?$`)

// defaultPorts are the ports that browsers omit.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

// parseOrigins parses the origins in CORS_ORIGINS, separated by commas.
func parseOrigins(list string) ([]string, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var origins []string
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		switch {
		case item != "*" && !isOrigin(item):
			// The text before an @ can be a password.
			if i := strings.LastIndexByte(item, '@'); i >= 0 {
				item = "…" + item[i:]
			}
			return nil, fmt.Errorf("CORS_ORIGINS has %q: an origin must be scheme://host or scheme://host:port as a browser "+
				"sends it, such as https://app.example.com. It must be lower case, without path, trailing slash or default port. "+
				"Separate several by commas, or use * alone for any origin", item)
		case slices.Contains(origins, item):
			return nil, fmt.Errorf("CORS_ORIGINS has %q twice: remove one", item)
		}
		origins = append(origins, item)
	}
	if len(origins) > 1 && slices.Contains(origins, "*") {
		return nil, fmt.Errorf("CORS_ORIGINS has %q and other origins: use it alone, for any origin", "*")
	}
	return origins, nil
}

// isOrigin reports whether s is an origin as browsers send it.
func isOrigin(s string) bool {
	m := originPattern.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	scheme, address, port := m[1], m[2], m[3]
	if ip, err := netip.ParseAddr(address); address != "" && (err != nil || ip.String() != address) {
		return false
	}
	_, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && port != defaultPorts[scheme]
}
