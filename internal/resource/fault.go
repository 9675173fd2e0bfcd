package resource

import (
	"fmt"
	"strings"
)

// Fault is one thing that is wrong with one member of a body.
type Fault struct {
	// Field is the member's name, [3].title for that of an array's element, [3]
	// for an element; empty when the body as a whole is meant.
	Field string
	// Code is for programs: required, null, type, too_long, out_of_range,
	// invalid_text, email, repeated, unknown, more.
	Code string
	// Detail is a sentence for people.
	Detail string
}

// SyntaxError is a body that is not JSON (RFC 8259), or none that is read.
type SyntaxError struct{ Detail string }

func (e *SyntaxError) Error() string { return e.Detail }

// InvalidError is a body that is JSON but not valid: its faults.
type InvalidError struct{ Faults []Fault }

func (e *InvalidError) Error() string {
	details := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		details[i] = f.Detail
	}
	return strings.Join(details, "; ")
}

// What keeps an answer small, whatever the body: how many faults are listed, and
// how many characters are shown of a name that no field has.
const maxFaults, maxName = 100, 100

// faults collects what is wrong with a body.
type faults struct {
	listed []Fault
	more   int
}

func (f *faults) add(x Fault) {
	if len(f.listed) == maxFaults {
		f.more++
		return
	}
	f.listed = append(f.listed, x)
}

// addOf adds a fault of an array's element; -1 is a body that is no array.
func (f *faults) addOf(element int, x Fault) {
	if element >= 0 && len(f.listed) < maxFaults {
		x.Field = fmt.Sprintf("[%d].%s", element, x.Field)
		x.Detail = fmt.Sprintf("[%d]: %s", element, x.Detail)
	}
	f.add(x)
}

// err is all of them as an error, nil for none.
func (f *faults) err() error {
	if len(f.listed) == 0 {
		return nil
	}
	if f.more > 0 {
		f.listed = append(f.listed, Fault{"", "more", fmt.Sprintf("Faults that are not listed: %d", f.more)})
	}
	return &InvalidError{f.listed}
}

// fault makes a sentence of a predicate: user_id, "is required" → "User id is
// required".
func (f *Field) fault(code, predicate string) Fault {
	return Fault{f.Name, code, f.Label() + " " + predicate}
}

// shortened is a name as it is shown.
func shortened(name string) string {
	n := 0
	for i := range name {
		if n++; n > maxName {
			return name[:i] + "…"
		}
	}
	return name
}
