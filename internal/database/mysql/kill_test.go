package mysql

import (
	"strings"
	"testing"
)

func TestConnectionID(t *testing.T) {
	t.Parallel()
	greeting := "\x4a\x00\x00\x00\x0a9.7.4\x00\x0d\x0c\x0b\x0asalt"
	for i := range len(greeting) {
		id, more := connectionID([]byte(greeting[:i]))
		if whole := i >= 15; more == whole || whole && id != 0x0a0b0c0d || !whole && id != 0 {
			t.Errorf("after %d bytes: %#x, more %v", i, id, more)
		}
	}
	for name, packet := range map[string]string{
		"an error":         "\x17\x00\x00\x00\xff\x10\x04Too many connections",
		"another protocol": "\x17\x00\x00\x00\x09abc\x00\x01\x02\x03\x04",
		"no end":           "\x17\x00\x00\x00\x0a" + strings.Repeat("x", 300),
	} {
		if id, more := connectionID([]byte(packet)); id != 0 || more {
			t.Errorf("%s: %#x, more %v", name, id, more)
		}
	}
}

// FuzzConnectionID: whatever a server sends first, reading on ends.
func FuzzConnectionID(f *testing.F) {
	f.Add([]byte("\x4a\x00\x00\x00\x0a9.7.4\x00\x0d\x0c\x0b\x0asalt"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		if id, more := connectionID(packet); more && (id != 0 || len(packet) > 300) {
			t.Errorf("%d, more", id)
		}
	})
}
