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
func (r *reader) operand() (string, bool) {
	t := r.take()
	switch t.kind {
	case number, text:
		return canonicalToken(t), true
	case quoted:
		return r.name(canonicalToken(t))
	case symbol:
		return r.signed(t)
	case word:
		return r.wordOperand(t)
	}
	return "", false
}

func (r *reader) signed(t token) (string, bool) {
	switch t.value {
	case "(":
		items, ok := r.items()
		switch {
		case !ok || len(items) == 0:
			return "", false
		case len(items) == 1:
			return items[0], true
		}
		return list("row", items[0], items[1:]...), true
	case "-":
		x, ok := r.expression(signLevel)
		if rest, negative := strings.CutPrefix(x, "-"); negative && plainNumber(rest) {
			return rest, ok
		}
		if plainNumber(x) {
			return "-" + x, ok
		}
		return list("-", x), ok
	case "+":
		return r.expression(signLevel)
	case "~":
		x, ok := r.expression(signLevel)
		return list("~", x), ok
	case "!":
		x, ok := r.expression(signLevel)
		return list("not", truth(x)), ok
	}
	return "", false
}

func plainNumber(x string) bool { return x != "" && digit(x[0]) }

// name reads what stands behind a table's name: only the column counts.
func (r *reader) name(name string) (string, bool) {
	for r.accept(".") {
		t := r.take()
		if t.kind != word && t.kind != quoted {
			return "", false
		}
		name = canonicalToken(t)
	}
	return name, true
}

func (r *reader) wordOperand(t token) (string, bool) {
	w := strings.ToUpper(t.value)
	next := r.peek(0)
	switch {
	case w == "NOT":
		x, ok := r.expression(notLevel)
		return list("not", truth(x)), ok
	case w == "CASE":
		return r.cases()
	case w == "BINARY" && r.dialect == MySQL:
		x, ok := r.expression(signLevel)
		return list("cast", x, "char", "charset", "binary"), ok
	case w == "CAST" && next.is("("):
		return r.cast()
	case w == "INTERVAL" && r.dialect == MySQL && !next.is("("):
		x, ok := r.expression(compareLevel)
		return list("interval", x, fold(r.take().value)), ok
	case next.kind == text && (w[0] == '_' || w == "DATE" || w == "TIME" || w == "TIMESTAMP"):
		r.take()
		if set := canonicalToken(t); set != "" {
			return list(set, canonicalToken(next)), true
		}
		return canonicalToken(next), true
	case bare[w] && !next.is("("):
		if r.dialect == SQLite {
			return fold(w), true
		}
		return functions[fold(w)] + "()", true
	case keywords[w] && w != "NULL" && w != "IF" && w != "DEFAULT" && w != "VALUES":
		return "", false
	case next.is("("):
		return r.call(fold(t.value))
	}
	return r.name(canonicalToken(t))
}

// call reads the arguments of a function.
func (r *reader) call(name string) (string, bool) {
	r.take()
	if r.dialect == MySQL {
		if other, ok := functions[name]; ok {
			name = other
		}
	}
	items, ok := r.items()
	if len(items) == 1 && items[0] == "0" && name == "now" {
		items = nil
	}
	return name + "(" + strings.Join(items, " ") + ")", ok
}

// cast reads CAST (x AS type). MySQL writes the character set behind char.
func (r *reader) cast() (string, bool) {
	r.take()
	x, ok := r.expression(0)
	if !ok || !r.accept("AS") {
		return "", false
	}
	words := []string{x}
	for depth := 0; ; {
		t := r.take()
		switch {
		case t.kind == end:
			return "", false
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth < 0 {
				if n := len(words); n > 2 && words[n-2] == "charset" && words[n-1] == defaultCharset {
					words = words[:n-2]
				}
				return list("cast", words[0], words[1:]...), true
			}
		}
		if w := canonicalToken(t); w != "(" && w != ")" && w != "" && w != "integer" {
			words = append(words, w)
		}
	}
}

// cases reads what stands behind CASE.
func (r *reader) cases() (string, bool) {
	parts := []string{}
	if !r.next("WHEN") {
		x, ok := r.expression(0)
		if !ok {
			return "", false
		}
		parts = append(parts, x)
	}
	for !r.accept("END") {
		if !r.oneOf("WHEN", "THEN", "ELSE") {
			return "", false
		}
		w := fold(r.take().value)
		x, ok := r.expression(0)
		if !ok {
			return "", false
		}
		if w == "when" {
			x = truth(x)
		}
		parts = append(parts, w, x)
	}
	if len(parts) == 0 {
		return "", false
	}
	return list("case", parts[0], parts[1:]...), true
}
