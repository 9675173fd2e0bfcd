package httpapi

import "encoding/json"

// object is a JSON object with ordered members, so that the document always has the same
// bytes and lists fields in the order of their table.
type object []member

type member struct {
	name  string
	value any
}

// array is a JSON array.
type array []any

// appendJSON appends the JSON of an object, an array, or a value for encoding/json.
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
	if err != nil { // impossible: only strings, numbers and booleans
		panic(err)
	}
	return append(b, text...)
}

// ref returns a reference to a component of the document.
func ref(component, name string) object {
	return object{{"$ref", "#/components/" + component + "/" + name}}
}
