package resource

import (
	"fmt"
	"strings"
)

// Fault is an error in a body.
type Fault struct {
	// Field is the name of the member: title, or [3].title in an array. It is [3] for an
	// element of an array, and empty for the body as a whole.
	Field string
	// Code is for programs: required, null, type, too_long, out_of_range,
	// invalid_text, email, repeated, unknown, key, more.
	Code string
	// Detail is a sentence for people.
	Detail string
}

// SyntaxError is the error of a body that is not JSON (RFC 8259) or has too many levels.
type SyntaxError struct{ Detail string }

func (e *SyntaxError) Error() string { return e.Detail }

// InvalidError is the error of a body that is JSON but has invalid values.
type InvalidError struct{ Faults []Fault }

func (e *InvalidError) Error() string {
	details := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		details[i] = f.Detail
	}
	return strings.Join(details, "; ")
}

// Limits that keep the error small: the number of faults in it, and the number of
// characters of an unknown name.
const maxFaults, maxName = 100, 100

// faults collects the faults of a body. more is the number of those that are not listed.
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

// addOf adds a fault in an element of an array, or in a single object if element is -1.
func (f *faults) addOf(element int, x Fault) {
	if element >= 0 && len(f.listed) < maxFaults {
		x.Field = fmt.Sprintf("[%d].%s", element, x.Field)
		x.Detail = fmt.Sprintf("[%d]: %s", element, x.Detail)
	}
	f.add(x)
}

// err returns the faults as an *InvalidError, or nil if there are none.
func (f *faults) err() error {
	if len(f.listed) == 0 {
		return nil
	}
	if f.more > 0 {
		f.listed = append(f.listed, Fault{"", "more", fmt.Sprintf("Errors that are not listed: %d", f.more)})
	}
	return &InvalidError{f.listed}
}

// fault returns a fault of the field with a sentence: user_id, "is required" → "User id is
// required".
func (f *Field) fault(code, predicate string) Fault {
	return Fault{f.Name, code, f.Label() + " " + predicate}
}

// shortened returns the first maxName characters of a name.
func shortened(name string) string {
	n := 0
	for i := range name {
		if n++; n > maxName {
			return name[:i] + "…"
		}
	}
	return name
}
