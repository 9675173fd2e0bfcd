package resource

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
)

// UUID is the value of a binary(16) key: a UUID (RFC 9562). In JSON it is a text of 36
// characters.
type UUID [16]byte

// String returns the UUID in lower case.
func (u UUID) String() string { return string(u.append(make([]byte, 0, 36))) }

func (u UUID) append(b []byte) []byte {
	for i, group := range [...][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, group)
	}
	return b
}

// ParseUUID returns the UUID of a text of 36 characters, in upper or lower case. The error
// is a predicate: "must be …".
func ParseUUID(s string) (u UUID, err error) {
	const form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	digits := make([]byte, 0, 32)
	for i := range len(s) {
		switch {
		case len(s) != len(form), (s[i] == '-') != (form[i] == '-'):
			return UUID{}, errUUID
		case s[i] != '-':
			digits = append(digits, s[i])
		}
	}
	if n, err := hex.Decode(u[:], digits); err != nil || n != len(u) {
		return UUID{}, errUUID
	}
	return u, nil
}

var errUUID = fmt.Errorf("must be a UUID, such as %s", exampleUUID)

const exampleUUID = "0197b0a4-7d3c-7c1e-9f2a-3b4c5d6e7f80"

// MarshalText implements encoding.TextMarshaler.
func (u UUID) MarshalText() ([]byte, error) { return u.append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *UUID) UnmarshalText(text []byte) (err error) {
	*u, err = ParseUUID(string(text))
	return err
}

// Scan implements sql.Scanner for 16 bytes.
func (u *UUID) Scan(value any) error {
	b, ok := value.([]byte)
	if !ok || len(b) != len(u) {
		return fmt.Errorf("resource: a value of type %T is not a UUID of 16 bytes", value)
	}
	copy(u[:], b)
	return nil
}

// Value implements driver.Valuer: it returns the 16 bytes.
func (u UUID) Value() (driver.Value, error) { return u[:], nil }

// uuidCodec is the codec of a [UUID].
var uuidCodec = codec{
	declare: func(_ *Field, s *storage, _ string) error { s.name = "binary"; return nil },
	read:    readUUID, parse: parseUUID, schema: uuidSchema, operators: orderedOperators,
	append: func(_ *Field, b []byte, p any) []byte { return append(p.(*UUID).append(append(b, '"')), '"') },
}

func readUUID(_ *Field, p any, raw []byte) (code, predicate string) {
	if raw[0] != '"' {
		return "type", errUUID.Error() + ", as a string"
	}
	s, _ := text(raw)
	u, err := ParseUUID(s)
	if err != nil {
		return "type", err.Error()
	}
	*p.(*UUID) = u
	return "", ""
}

func parseUUID(_ *Field, s string) (value any, code, predicate string) {
	u, err := ParseUUID(s)
	if err != nil {
		return nil, "type", err.Error()
	}
	return u, "", ""
}

func uuidSchema(*Field) Schema {
	const pattern = `[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`
	return Schema{Type: "string", Format: "uuid", Input: "^" + pattern + "$", Filter: pattern, Example: exampleUUID}
}
