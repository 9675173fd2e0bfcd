package httpapi

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// index is what GET / returns: where everything is, as a client reaches it.
type index struct {
	Tables  []indexTable `json:"tables"`
	Docs    string       `json:"docs"`
	OpenAPI string       `json:"openapi"`
}

type indexTable struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// root returns the index, and redirects a browser to the page at /docs. The redirect
// is a temporary one (302): what a browser is shown first may change.
func (a *api) root(c *gin.Context) error {
	base := a.BasePath(c.Request.Context())
	c.Writer.Header().Add("Vary", "Accept")
	if accept := c.Request.Header.Values("Accept"); quality(accept, "text/html") > quality(accept, "application/json") {
		c.Writer.Header().Set("Location", base+"/docs")
		c.Status(http.StatusFound)
		return nil
	}
	all := index{Tables: []indexTable{}, Docs: base + "/docs", OpenAPI: base + "/openapi.json"}
	for _, t := range a.Tables {
		all.Tables = append(all.Tables, indexTable{t.Name, base + "/" + t.Name})
	}
	return writeJSON(c, http.StatusOK, all)
}

// quality returns how much a client wants a media type, from 0 (not at all) to 1, by
// its Accept headers: the most specific range that matches counts (RFC 9110, section
// 12.5.1). A range that cannot be read counts for nothing. Without the header every type is 1.
func quality(accept []string, mediaType string) float64 {
	if len(accept) == 0 {
		return 1
	}
	kind, _, _ := strings.Cut(mediaType, "/")
	best, wanted := 0, 0.0
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		specific := map[string]int{"*/*": 1, kind + "/*": 2, mediaType: 3}[name]
		q, weighted := params["q"]
		weight := 1.0
		if weighted {
			if weight, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if specific > best {
			best, wanted = specific, weight
		}
	}
	return wanted
}
