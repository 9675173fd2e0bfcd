package mysqlproxy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// headerSize is the size of a packet's header: three bytes for the length, and one for the sequence number.
const headerSize = 4

// packet is one packet of the MySQL protocol, header included.
type packet struct{ raw []byte }

// readPacket reads one packet.
func readPacket(r io.Reader) (packet, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return packet{}, err
	}
	size := int(header[0]) | int(header[1])<<8 | int(header[2])<<16
	raw := make([]byte, headerSize+size)
	copy(raw, header[:])
	if _, err := io.ReadFull(r, raw[headerSize:]); err != nil {
		return packet{}, err
	}
	return packet{raw: raw}, nil
}

// commandNames are the names of the commands. text says that the command has a text, which is recorded, too.
var commandNames = map[byte]struct {
	name string
	text bool
}{
	0x01: {"QUIT", false},
	0x02: {"INIT_DB", true},
	0x03: {"QUERY", true},
	0x04: {"FIELD_LIST", true},
	0x09: {"STATISTICS", false},
	0x0e: {"PING", false},
	0x11: {"CHANGE_USER", false},
	0x16: {"STMT_PREPARE", true},
	0x17: {"STMT_EXECUTE", false},
	0x18: {"STMT_SEND_LONG_DATA", false},
	0x19: {"STMT_CLOSE", false},
	0x1a: {"STMT_RESET", false},
	0x1b: {"SET_OPTION", false},
	0x1c: {"STMT_FETCH", false},
	0x1f: {"RESET_CONNECTION", false},
}

// command returns the command in a packet, and whether the packet is a command. A command has the sequence number 0.
// Packets of the sign-in, and further packets of a long statement, have higher numbers.
func (p packet) command() (string, bool) {
	if p.raw[3] != 0 || len(p.raw) == headerSize {
		return "", false
	}
	code, text := p.raw[headerSize], p.raw[headerSize+1:]
	known, ok := commandNames[code]
	switch {
	case !ok:
		return fmt.Sprintf("COMMAND 0x%02x", code), true
	case known.text:
		return known.name + " " + string(text), true
	}
	return known.name, true
}

// Capabilities of a client that change the format of its packets.
const (
	clientCompress        = 1 << 5
	clientSSL             = 1 << 11
	clientZstd            = 1 << 26
	clientQueryAttributes = 1 << 27
)

// checkReply checks a client's response to the greeting. It returns an error for capabilities that make the packets
// unreadable, because a test that counts statements must not pass without any.
func checkReply(p packet) error {
	if len(p.raw) < headerSize+4 {
		return errors.New("the client's response to the greeting is too short")
	}
	flags := binary.LittleEndian.Uint32(p.raw[headerSize:])
	switch {
	case flags&clientSSL != 0:
		return errors.New("the client requests TLS, which the proxy cannot read: connect without tls=")
	case flags&(clientCompress|clientZstd) != 0:
		return errors.New("the client requests compression, which the proxy cannot read: connect without compress=")
	case flags&clientQueryAttributes != 0:
		return errors.New("the client sends query attributes, which the proxy cannot read")
	}
	return nil
}
