package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// anOrigin is an origin as browsers write it (RFC 6454, section 6.1): they compare
// it letter by letter, so that one written otherwise would never match. What it
// captures are the scheme, the address between brackets and the port.
var anOrigin = regexp.MustCompile(
	`^([a-z][a-z0-9+.-]*)://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[([0-9a-f:]+)\])(?::([1-9][0-9]*))?$`)

// usualPorts are those that browsers leave off.
var usualPorts = map[string]string{"http": "80", "https": "443"}

// parseOrigins reads the origins of CORS_ORIGINS, which are separated by commas.
func parseOrigins(list string) ([]string, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var origins []string
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		switch {
		case item != "*" && !isOrigin(item):
			// What stands before an @ can be a password.
			if i := strings.LastIndexByte(item, '@'); i >= 0 {
				item = "…" + item[i:]
			}
			return nil, fmt.Errorf("CORS_ORIGINS has %q: an origin is scheme://host or scheme://host:port as a browser sends "+
				"it, such as https://app.example.com: "+
				"in small letters, with no path, no slash at its end and no port that goes without saying; several are parted by "+
				"commas, and * alone stands for any", item)
		case slices.Contains(origins, item):
			return nil, fmt.Errorf("CORS_ORIGINS has %q twice: each origin is named once", item)
		}
		origins = append(origins, item)
	}
	if len(origins) > 1 && slices.Contains(origins, "*") {
		return nil, fmt.Errorf("CORS_ORIGINS has %q beside others: it stands alone, for any origin", "*")
	}
	return origins, nil
}

func isOrigin(s string) bool {
	m := anOrigin.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	scheme, address, port := m[1], m[2], m[3]
	if ip, err := netip.ParseAddr(address); address != "" && (err != nil || ip.String() != address) {
		return false
	}
	_, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && port != usualPorts[scheme]
}
