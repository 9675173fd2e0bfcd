package httpapi

import "encoding/json"

// object is a JSON object whose members stay in order: the same document is the
// same bytes, and fields stand in it as they do in their table.
type object []member

type member struct {
	name  string
	value any
}

// array is a JSON array.
type array []any

// appendJSON writes objects, arrays, and what encoding/json writes.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case object:
		b = append(b, '{')
		for i, m := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSON(b, m.name), ':')
			b = appendJSON(b, m.value)
		}
		return append(b, '}')
	case array:
		b = append(b, '[')
		for i, element := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, element)
		}
		return append(b, ']')
	}
	text, err := json.Marshal(value)
	if err != nil { // strings, numbers and booleans: it cannot be
		panic(err)
	}
	return append(b, text...)
}

// ref refers to a component of the document.
func ref(component, name string) object {
	return object{{"$ref", "#/components/" + component + "/" + name}}
}
