package httpapi

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// docsFiles are the files of the page at /docs. Those of Swagger UI are from the npm
// package swagger-ui-dist 5.35.0:
//
//	npm pack swagger-ui-dist
//	tar xzf swagger-ui-dist-*.tgz
//	gzip -9 -n package/swagger-ui-bundle.js package/swagger-ui.css
//
// To update them, copy both .gz files, LICENSE, NOTICE and
// swagger-ui-bundle.js.LICENSE.txt, and change the version in this comment and the
// checksums in the test.
//
//go:embed docs
var docsFiles embed.FS

// asset is a file of the page at /docs.
type asset struct {
	contentType string
	// ours is true for a file of slipway, which may change with each build. The others are
	// from a release of Swagger UI.
	ours bool
	// compressed means that the file is embedded as NAME.gz.
	compressed bool
}

// assets are the files below /docs.
var assets = map[string]asset{
	"page.js":                          {contentType: "text/javascript; charset=utf-8", ours: true},
	"page.css":                         {contentType: "text/css; charset=utf-8", ours: true},
	"swagger-ui-bundle.js":             {contentType: "text/javascript; charset=utf-8", compressed: true},
	"swagger-ui.css":                   {contentType: "text/css; charset=utf-8", compressed: true},
	"LICENSE":                          {contentType: "text/plain; charset=utf-8"},
	"NOTICE":                           {contentType: "text/plain; charset=utf-8"},
	"swagger-ui-bundle.js.LICENSE.txt": {contentType: "text/plain; charset=utf-8"},
}

// docsPolicy is the Content-Security-Policy of the page: it may load files from, and send
// requests to, its own origin only. Swagger UI has icons in data: URLs.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src " +
	"'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docs returns the interactive page.
func (a *api) docs(c *gin.Context) error {
	c.Writer.Header().Set("Content-Security-Policy", docsPolicy)
	c.Writer.Header().Set("Referrer-Policy", "no-referrer")
	return serveAsset(c, "index.html", asset{contentType: "text/html; charset=utf-8", ours: true})
}

// docsAsset returns one file of the page.
func (a *api) docsAsset(c *gin.Context) error {
	name := c.Param("file")
	file, known := assets[name]
	if !known {
		return errNoRoute
	}
	return serveAsset(c, name, file)
}

func serveAsset(c *gin.Context, name string, file asset) error {
	header := c.Writer.Header()
	if file.compressed {
		name += ".gz"
	}
	content, err := docsFiles.ReadFile("docs/" + name)
	if err != nil {
		return err
	}
	if file.compressed {
		header.Add("Vary", "Accept-Encoding")
		if acceptsGzip(c.Request.Header.Values("Accept-Encoding")) {
			header.Set("Content-Encoding", "gzip")
		} else if content, err = gunzip(content); err != nil {
			return err
		}
	}
	// Our files change together, so a browser must not use a cached one unchecked.
	header.Set("Cache-Control", "public, max-age=86400")
	if file.ours {
		header.Set("Cache-Control", "no-cache")
	}
	header.Set("X-Content-Type-Options", "nosniff")
	tag := etag(content)
	header.Set("ETag", tag)
	if anyTag(c.Request.Header.Values("If-None-Match"), tag, weakly) {
		c.Status(http.StatusNotModified)
		return nil
	}
	write(c, http.StatusOK, file.contentType, content)
	return nil
}

// acceptsGzip reports whether Accept-Encoding headers allow gzip (RFC 9110, section 12.5.3).
func acceptsGzip(header []string) bool {
	accepts := false
	for part := range strings.SplitSeq(strings.Join(header, ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		weight, weighted := strings.CutPrefix(strings.TrimSpace(params), "q=")
		wanted := !weighted || strings.Trim(weight, "0.") != ""
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return wanted
		case "*":
			accepts = wanted
		}
	}
	return accepts
}

func gunzip(content []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
