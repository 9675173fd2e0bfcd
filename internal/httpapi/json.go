package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"slipway/internal/query"
)

// readJSON returns the body of a request, once its headers say that it is JSON.
// Merge patches (RFC 7396) and other +json types are JSON too. The error is a
// *mediaTypeError, or says why the body cannot be read.
func readJSON(c *gin.Context) ([]byte, error) {
	r := c.Request
	if contentType := r.Header.Get("Content-Type"); contentType != "application/json" {
		if err := checkJSON(contentType); err != nil {
			return nil, err
		}
	}
	encoding := strings.Join(r.Header.Values("Content-Encoding"), ", ")
	if encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, &mediaTypeError{"Content-Encoding",
			"The Content-Encoding " + query.Printable(encoding) + " is not supported: send the body without one"}
	}
	// Its length is known: one buffer of that size. The limit holds all the same.
	buf := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), 1<<20)+bytes.MinRead))
	if _, err := io.Copy(buf, r.Body); err != nil {
		return nil, readError(err)
	}
	return buf.Bytes(), nil
}

// mediaTypeError is a body in a form that is not supported. Its detail is for the
// client, and names the header that says so.
type mediaTypeError struct{ header, detail string }

func (e *mediaTypeError) Error() string { return e.detail }

// checkJSON returns a *mediaTypeError unless a Content-Type says that the body is JSON
// in UTF-8.
func checkJSON(contentType string) error {
	const want = "send it with Content-Type: application/json"
	mediaType, params, err := mime.ParseMediaType(contentType)
	isJSON := mediaType == "application/json" ||
		strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
	switch charset := params["charset"]; {
	case contentType == "":
		return &mediaTypeError{"Content-Type", "The body must be JSON: " + want}
	case err != nil || !isJSON:
		return &mediaTypeError{"Content-Type", "The body must be JSON, and not " + query.Printable(contentType) + ": " + want}
	case charset != "" && !strings.EqualFold(charset, "utf-8"):
		return &mediaTypeError{"Content-Type",
			"The body must be JSON in UTF-8, and not in the charset " + query.Printable(charset) + ": " + want}
	}
	return nil
}

// writeJSON answers with a value that is no row.
func writeJSON(c *gin.Context, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return sendJSON(c, status, body)
}

// sendJSON answers with JSON.
func sendJSON(c *gin.Context, status int, body []byte) error {
	write(c, status, "application/json", body)
	return nil
}

func write(c *gin.Context, status int, contentType string, body []byte) {
	c.Writer.Header().Set("Content-Type", contentType)
	c.Writer.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.Writer.WriteHeader(status)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow() // or Gin writes a text of its own for a path that is none
		return
	}
	// An error means that nobody listens any more.
	_, _ = c.Writer.Write(body)
}

// readError tells a body over the limit from one that did not arrive.
func readError(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return &statusError{http.StatusBadRequest, "The body did not arrive whole"}
}
