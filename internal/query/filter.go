package query

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// textOperators are the operators for text, operators those for all other types.
var (
	textOperators = []Op{Eq, Ne, Gt, Gte, Lt, Lte, Like, In, NotIn, Null, Starts, Contains}
	operators     = []Op{Eq, Ne, Gt, Gte, Lt, Lte, In, NotIn, Null}
)

func (t *Table) field(name string) *Field {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}

// filter parses a filter: field=value or field[op]=value. It reports whether the parameter
// names a field.
func (p *parser) filter(given []param) bool {
	x := given[0]
	name, op := x.name, Eq
	if i := strings.IndexByte(name, '['); i >= 0 && strings.HasSuffix(name, "]") {
		name, op = name[:i], Op(name[i+1:len(name)-1])
	} else if slices.Contains(reserved, name) {
		return false
	}
	f := p.table.field(name)
	if f == nil {
		return false
	}
	if known := f.operators(); !slices.Contains(known, op) {
		p.fail(Printable(x.name), "operator", "%s does not support operator %s: use one of %s",
			name, Printable(string(op)), joinOps(known))
		return true
	}
	values, err := f.values(op, given)
	if err != nil {
		p.fail(x.name, err.code, "%s %s", x.name, err.detail)
		return true
	}
	p.list.Filters = append(p.list.Filters, Filter{name, op, values})
	return true
}

func (f *Field) operators() []Op {
	if f.Operators != nil {
		return f.Operators
	}
	if f.Type == Text {
		return textOperators
	}
	return operators
}

// values parses the values of a filter.
func (f *Field) values(op Op, given []param) ([]any, *valueError) {
	s := given[0].value
	switch op {
	case Null:
		b, err := boolean(s)
		return []any{b}, err
	case In, NotIn:
		return f.several(given)
	}
	v, err := f.read(s)
	if err == nil && op != Like && op != Starts && op != Contains {
		err = f.choose(s)
	}
	if err != nil {
		return nil, err
	}
	if op == Like || op == Starts || op == Contains {
		if n := utf8.RuneCountInString(s); n > MaxPattern {
			return nil, &valueError{"out_of_range", fmt.Sprintf("must have at most %d characters, not %d", MaxPattern, n)}
		}
	}
	return []any{v}, nil
}

// choose returns an error if a text is not one of the choices.
func (f *Field) choose(s string) *valueError {
	if f.Choices == nil || slices.Contains(f.Choices, s) {
		return nil
	}
	shown := make([]string, min(len(f.Choices), 20))
	for i := range shown {
		shown[i] = Printable(f.Choices[i])
	}
	if len(shown) < len(f.Choices) {
		shown = append(shown, "…")
	}
	return &valueError{"out_of_range", "must be one of " + strings.Join(shown, ", ")}
}

// several parses the values of in and nin.
func (f *Field) several(given []param) ([]any, *valueError) {
	var texts []string
	for _, x := range given {
		var err *valueError
		if texts, err = appendValues(texts, x.value); err != nil {
			return nil, err
		}
	}
	if n := len(texts); n > MaxIn {
		return nil, &valueError{"out_of_range", fmt.Sprintf("must have at most %d values, not %d", MaxIn, n)}
	}
	values := make([]any, len(texts))
	for i, text := range texts {
		v, err := f.read(text)
		if err == nil {
			err = f.choose(text)
		}
		if err != nil {
			return nil, &valueError{err.code, fmt.Sprintf("has an invalid value at position %d of %d: it %s", i+1,
				len(texts), err.detail)}
		}
		values[i] = v
	}
	return values, nil
}

func joinOps(ops []Op) string {
	var b strings.Builder
	for i, op := range ops {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(op))
	}
	return b.String()
}
