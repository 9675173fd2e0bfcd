package query

import "strings"

// Problem is an error in one parameter.
type Problem struct {
	// Param is the name of the parameter, made printable. It is empty if the problem is in
	// the query as a whole.
	Param string
	// Code is for programs:
	//
	//	syntax        invalid query, or invalid quotes in a list
	//	unknown       unknown parameter, field or relation
	//	repeated      repeated parameter that is not a list, or repeated name in a list
	//	operator      the field does not support the operator
	//	type          not a value of the field's type
	//	out_of_range  too many, too few, too long, or not one of the choices
	//	invalid_text  not UTF-8, or contains NUL
	//	cursor        invalid cursor for this list and order
	//	conflict      not supported for the request, or with another parameter
	//	required      bulk write without a filter
	Code string
	// Detail is a sentence for people.
	Detail string
}

// Error has all problems in the parameters of a request. Problems in single parameters are
// first, sorted by name; problems in combinations follow.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	details := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		details[i] = p.Detail
	}
	return strings.Join(details, "; ")
}
