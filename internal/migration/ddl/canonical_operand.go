package ddl

import "strings"

// functions gives the name that MySQL writes for a function with several.
var functions = map[string]string{
	"lcase": "lower", "ucase": "upper", "substring": "substr", "mid": "substr", "character_length": "char_length",
	"current_timestamp": "now", "localtime": "now", "localtimestamp": "now", "current_date": "curdate", "current_time": "curtime",
	"power": "pow", "ceil": "ceiling", "day": "dayofmonth",
}

// bare are the functions that need no parentheses.
var bare = set("CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_DATE", "CURRENT_TIME")

// operand reads a value, with the signs before it.
func (r *reader) operand() (node, bool) {
	t := r.take()
	switch t.kind {
	case number, text:
		return leaf(canonicalToken(t)), true
	case quoted:
		return r.name(t)
	case symbol:
		return r.signed(t)
	case word:
		return r.wordOperand(t)
	}
	return node{}, false
}

func (r *reader) signed(t token) (node, bool) {
	switch t.value {
	case "(":
		items, ok := r.items()
		switch {
		case !ok || len(items) == 0:
			return node{}, false
		case len(items) == 1:
			return items[0], true
		}
		return of("row", items...), true
	case "-":
		x, ok := r.expression(signLevel)
		if x.leaf && plainNumber(x.op) {
			return leaf("-" + x.op), ok
		}
		return of("-", x), ok
	case "+":
		return r.expression(signLevel)
	case "~":
		x, ok := r.expression(signLevel)
		return of("~", x), ok
	case "!":
		x, ok := r.expression(signLevel)
		return negation(x), ok
	}
	return node{}, false
}

func plainNumber(x string) bool { return x != "" && digit(x[0]) }

// name reads what stands behind a table's name: only the column counts.
func (r *reader) name(t token) (node, bool) {
	for r.accept(".") {
		if t = r.take(); t.kind != word && t.kind != quoted {
			return node{}, false
		}
	}
	if t.value == "" {
		return node{}, false
	}
	r.names = append(r.names, t)
	return leaf(canonicalToken(t)), true
}

func (r *reader) wordOperand(t token) (node, bool) {
	w := strings.ToUpper(t.value)
	next := r.peek(0)
	switch {
	case w == "NOT":
		x, ok := r.expression(notLevel)
		return negation(x), ok
	case w == "CASE":
		return r.cases()
	case w == "BINARY" && r.dialect == MySQL:
		x, ok := r.expression(signLevel)
		return of("cast", x, leaf("char"), leaf("charset"), leaf("binary")), ok
	case w == "CAST" && next.is("("):
		return r.cast()
	case w == "INTERVAL" && r.dialect == MySQL && !next.is("("):
		x, ok := r.expression(compareLevel)
		unit := r.take()
		return of("interval", x, leaf(fold(unit.value))), ok && unit.kind == word
	case next.kind == text && (w[0] == '_' || w == "DATE" || w == "TIME" || w == "TIMESTAMP"):
		r.take()
		if set := canonicalToken(t); set != "" {
			return of(set, leaf(canonicalToken(next))), true
		}
		return leaf(canonicalToken(next)), true
	case bare[w] && !next.is("("):
		if r.dialect == SQLite {
			return leaf(fold(w)), true
		}
		return of(functions[fold(w)] + "()"), true
	case keywords[w] && w != "NULL" && w != "IF" && w != "DEFAULT" && w != "VALUES":
		return node{}, false
	case next.is("("):
		return r.call(fold(t.value))
	}
	return r.name(t)
}

// call reads the arguments of a function.
func (r *reader) call(name string) (node, bool) {
	r.take()
	if r.dialect == MySQL {
		if other, ok := functions[name]; ok {
			name = other
		}
	}
	items, ok := r.items()
	if len(items) == 1 && items[0].isLeaf("0") && name == "now" {
		items = nil
	}
	return of(name+"()", items...), ok
}

// cast reads CAST (x AS type). MySQL writes the character set behind char.
func (r *reader) cast() (node, bool) {
	r.take()
	x, ok := r.expression(0)
	if !ok || !r.accept("AS") {
		return node{}, false
	}
	words := []node{x}
	for depth := 0; ; {
		t := r.take()
		switch {
		case t.kind == end:
			return node{}, false
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth < 0 {
				if n := len(words); n > 2 && words[n-2].isLeaf("charset") && words[n-1].isLeaf(defaultCharset) {
					words = words[:n-2]
				}
				return of("cast", words...), true
			}
		}
		if w := canonicalToken(t); w != "(" && w != ")" && w != "" && w != "integer" {
			words = append(words, leaf(w))
		}
	}
}

// cases reads what stands behind CASE.
func (r *reader) cases() (node, bool) {
	var parts []node
	if !r.next("WHEN") {
		x, ok := r.expression(0)
		if !ok {
			return node{}, false
		}
		parts = append(parts, x)
	}
	for !r.accept("END") {
		if !r.oneOf("WHEN", "THEN", "ELSE") {
			return node{}, false
		}
		w := fold(r.take().value)
		x, ok := r.expression(0)
		if !ok {
			return node{}, false
		}
		if w == "when" {
			x = truth(x)
		}
		parts = append(parts, leaf(w), x)
	}
	if len(parts) == 0 {
		return node{}, false
	}
	return of("case", parts...), true
}
