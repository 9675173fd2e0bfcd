package emulator

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"
)

// uuid returns a random UUID (RFC 9562, version 4), as Lambda and REST APIs name their requests.
func uuid() string {
	b := random(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// shortID returns an id as HTTP APIs name their requests.
func shortID() string { return base64.URLEncoding.EncodeToString(random(11)) }

// traceID returns the root of a trace.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func traceID() string { return fmt.Sprintf("Root=1-%08x-%x", time.Now().Unix(), random(12)) }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, says crypto/rand
	return b
}
