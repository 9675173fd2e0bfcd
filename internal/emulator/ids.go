package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"
)

// uuid returns a random UUID (RFC 9562, version 4), the format of request IDs of Lambda and REST APIs.
func uuid() string {
	b := random(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// shortID returns a random ID in the format of request IDs of HTTP APIs.
func shortID() string { return base64.URLEncoding.EncodeToString(random(11)) }

// traceID returns a new X-Ray trace root.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func traceID() string { return fmt.Sprintf("Root=1-%08x-%x", time.Now().Unix(), random(12)) }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never returns an error
	return b
}
