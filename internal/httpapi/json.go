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
)

// readJSON gives the body of a request, once its headers say that it is JSON.
// Merge patches (RFC 7396) and other +json types are JSON too.
func readJSON(c *gin.Context) ([]byte, error) {
	r := c.Request
	if contentType := r.Header.Get("Content-Type"); contentType != "application/json" && !isJSON(contentType) {
		return nil, errMediaType
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, errMediaType
	}
	// Its length is known: one buffer of that size. The limit holds all the same.
	buf := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), 1<<20)+bytes.MinRead))
	if _, err := io.Copy(buf, r.Body); err != nil {
		return nil, readError(err)
	}
	return buf.Bytes(), nil
}

// isJSON reads a media type as it may also be written.
func isJSON(contentType string) bool {
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "application/json" && !(strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")) {
		return false
	}
	charset := params["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8")
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
