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

// readJSON returns the body of a request whose headers declare JSON, which includes merge
// patches (RFC 7396) and other +json types. The error is a *mediaTypeError, an
// *[http.MaxBytesError] or a *statusError.
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
			"Content-Encoding " + query.Printable(encoding) + " is not supported: send the body without an encoding"}
	}
	// Content-Length saves growing the buffer; the client may lie about it, so the size is capped.
	buf := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), 1<<20)+bytes.MinRead))
	if _, err := io.Copy(buf, r.Body); err != nil {
		return nil, readError(err)
	}
	return buf.Bytes(), nil
}

// mediaTypeError is a body in an unsupported format. The header names the header that
// declares it; the detail is for the client.
type mediaTypeError struct{ header, detail string }

func (e *mediaTypeError) Error() string { return e.detail }

// checkJSON returns a *mediaTypeError unless the Content-Type is JSON in UTF-8.
func checkJSON(contentType string) error {
	const want = "send it with Content-Type: application/json"
	mediaType, params, err := mime.ParseMediaType(contentType)
	isJSON := mediaType == "application/json" ||
		strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
	switch charset := params["charset"]; {
	case contentType == "":
		return &mediaTypeError{"Content-Type", "The body must be JSON: " + want}
	case err != nil || !isJSON:
		return &mediaTypeError{"Content-Type", "The body must be JSON, not " + query.Printable(contentType) + ": " + want}
	case charset != "" && !strings.EqualFold(charset, "utf-8"):
		return &mediaTypeError{"Content-Type",
			"The body must be JSON in UTF-8, not in the charset " + query.Printable(charset) + ": " + want}
	}
	return nil
}

// writeJSON writes a response with the JSON of a value.
func writeJSON(c *gin.Context, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return sendJSON(c, status, body)
}

// sendJSON writes a response with a body of JSON. The error is always nil.
func sendJSON(c *gin.Context, status int, body []byte) error {
	write(c, status, "application/json", body)
	return nil
}

func write(c *gin.Context, status int, contentType string, body []byte) {
	c.Writer.Header().Set("Content-Type", contentType)
	c.Writer.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.Writer.WriteHeader(status)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow() // otherwise Gin writes its own body for an unknown path
		return
	}
	// The write fails only if the client has closed the connection.
	_, _ = c.Writer.Write(body)
}

// readError returns the error of a body that is over the limit or incomplete.
func readError(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return err
	}
	return &statusError{http.StatusBadRequest, "The body is incomplete"}
}
