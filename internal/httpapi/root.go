package httpapi

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

// index is the response to GET /. Paths include the base path.
type index struct {
	Tables  []indexTable `json:"tables"`
	Docs    string       `json:"docs"`
	OpenAPI string       `json:"openapi"`
}

type indexTable struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// root returns the index, or redirects a browser to /docs. The redirect is temporary
// (302), because its target may change.
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
		all.Tables = append(all.Tables, indexTable{t.Name, base + t.ListPath()})
	}
	return writeJSON(c, http.StatusOK, all)
}

// quality returns the weight of a media type in Accept headers, from 0 (not acceptable) to
// 1. The most specific range that matches counts (RFC 9110, section 12.5.1); invalid ranges
// are ignored. Without the header the weight is 1.
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
