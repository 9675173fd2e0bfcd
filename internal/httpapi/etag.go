package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/resource"
	"slipway/internal/store"
)

// etag is the strong entity tag (RFC 9110, section 8.8.3) of a row as JSON.
func etag(row []byte) string {
	sum := sha256.Sum256(row)
	b := make([]byte, 0, 18)
	b = append(b, '"')
	b = base64.RawURLEncoding.AppendEncode(b, sum[:12])
	return string(append(b, '"'))
}

// How tags compare (RFC 9110, section 8.8.3.2).
const (
	strongly = false
	weakly   = true
)

// anyTag says whether a header, such as If-Match, names the tag or is *. What is
// no list of tags names none.
func anyTag(header []string, tag string, weak bool) bool {
	for list := range strings.SplitSeq(strings.Join(header, ","), ",") {
		// No tag that is made here has a comma in it.
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

// precondition is what the headers ask of a row that is to be changed; nil for
// nothing (RFC 9110, section 13.2.2).
func (r *endpoint) precondition(c *gin.Context) store.Precondition {
	match, noneMatch := c.Request.Header.Values("If-Match"), c.Request.Header.Values("If-None-Match")
	if match == nil && noneMatch == nil {
		return nil
	}
	return func(rows *resource.Rows) error {
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

// preconditionError is a header that asks for another row than there is.
type preconditionError struct{ header string }

func (e *preconditionError) Error() string {
	return "The row is not, or is no longer, the one that " + e.header +
		" asks for: read it again, and send the ETag that it has then"
}
