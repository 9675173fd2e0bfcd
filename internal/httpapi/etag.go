package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/resource"
	"slipway/internal/store"
)

// etag returns the strong entity tag (RFC 9110, section 8.8.3) of a row in JSON.
func etag(row []byte) string {
	sum := sha256.Sum256(row)
	b := make([]byte, 0, 18)
	b = append(b, '"')
	b = base64.RawURLEncoding.AppendEncode(b, sum[:12])
	return string(append(b, '"'))
}

// The comparison functions for entity tags (RFC 9110, section 8.8.3.2).
const (
	strongly = false
	weakly   = true
)

// anyTag reports whether a header such as If-Match contains the tag or is *. It ignores
// values that are not entity tags.
func anyTag(header []string, tag string, weak bool) bool {
	for list := range strings.SplitSeq(strings.Join(header, ","), ",") {
		// Splitting at commas is safe: tags from etag have none.
		list = strings.TrimSpace(list)
		if weak {
			list = strings.TrimPrefix(list, "W/")
		}
		if list == tag || list == "*" {
			return true
		}
	}
	return false
}

// precondition returns the check of If-Match and If-None-Match for a write (RFC 9110,
// section 13.2.2), or nil if the request has neither. Its error is a *preconditionError.
func (r *endpoint) precondition(c *gin.Context) store.Precondition {
	match, noneMatch := c.Request.Header.Values("If-Match"), c.Request.Header.Values("If-None-Match")
	if match == nil && noneMatch == nil {
		return nil
	}
	return func(rows *resource.Rows) error {
		if rows == nil { // If-Match requires a row
			if match != nil {
				return &preconditionError{"If-Match"}
			}
			return nil
		}
		tag := etag(r.whole.Append(nil, rows, 0))
		switch {
		case match != nil && !anyTag(match, tag, strongly):
			return &preconditionError{"If-Match"}
		case noneMatch != nil && anyTag(noneMatch, tag, weakly):
			return &preconditionError{"If-None-Match"}
		}
		return nil
	}
}

// preconditionError is the error of a row that does not satisfy a header.
type preconditionError struct{ header string }

func (e *preconditionError) Error() string {
	return "The current ETag of the row does not satisfy " + e.header + ": read the row again"
}
