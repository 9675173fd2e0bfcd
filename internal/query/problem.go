package query

import "strings"

// Problem is what is wrong with one parameter.
type Problem struct {
	// Param is the parameter as it was sent, made printable; empty when the
	// query as a whole is meant.
	Param string
	// Code is for programs:
	//
	//	syntax        the query, or the quotes in a list, cannot be read
	//	unknown       there is no such parameter, field or relation
	//	repeated      given twice and no list, or named twice in one
	//	operator      there is no such operator for the field
	//	type          not a value of the field's type
	//	out_of_range  too many, too few, too long, not among the choices
	//	invalid_text  not UTF-8, or with NUL
	//	cursor        not a cursor of this list in this order
	//	conflict      does not go with the request, or with another parameter
	//	required      a write to many rows without a filter
	Code string
	// Detail is a sentence for people.
	Detail string
}

// Error is all that is wrong with the parameters of a request: first what is
// wrong with one parameter alone, in the order of their names.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	details := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		details[i] = p.Detail
	}
	return strings.Join(details, "; ")
}
