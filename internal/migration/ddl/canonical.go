package ddl

import (
	"strconv"
	"strings"
)

// canonical writes an expression so that two that differ in spelling only come
// out equal: the server's own way of writing takes away quotes, capitals, spaces
// and parentheses, and gives characters sets to strings. An expression that the
// small grammar here does not know comes out as its words.
func canonical(dialect, expr string) string {
	p, err := newParser(dialect, expr)
	if err != nil {
		return strings.Join(strings.Fields(expr), " ")
	}
	r := &reader{parser: p}
	if x, ok := r.expression(0); ok && r.done() {
		return truth(x)
	}
	var words []string
	for _, t := range p.all {
		if w := canonicalToken(t); w != "" && w != "(" && w != ")" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// canonicalToken is a token without its quotes and capitals; "" for a string's
// character set.
func canonicalToken(t token) string {
	switch t.kind {
	case text:
		if t.prefix == "n" {
			return literal(t.value)
		}
		return t.prefix + literal(t.value)
	case word:
		if _, ok := charsets[strings.TrimPrefix(fold(t.value), "_")]; ok && t.value[0] == '_' {
			return ""
		}
		return fold(t.value)
	case quoted:
		return fold(t.value)
	case number:
		if f, err := strconv.ParseFloat(t.value, 64); err == nil {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
		return fold(t.value)
	case end:
		return ""
	}
	switch t.value {
	case "!=":
		return "<>"
	case "==":
		return "="
	}
	return t.value
}

// reader reads an expression into a text with its operators in front.
type reader struct {
	*parser
	depth int
}

// deepest bounds how deep an expression may go before it counts as unknown.
const deepest = 200

// Precedence of the operators, from weak to strong.
const (
	orLevel = iota + 1
	xorLevel
	andLevel
	notLevel
	equalLevel
	compareLevel
	bitOrLevel
	bitAndLevel
	shiftLevel
	addLevel
	multiplyLevel
	concatLevel
	signLevel
	collateLevel
)

// infix gives an operator's level and the word it is written as; 0 for none.
func (r *reader) infix() (level int, op string) {
	t := r.peek(0)
	mysql := r.dialect == MySQL
	if t.kind == word {
		switch strings.ToUpper(t.value) {
		case "OR":
			return orLevel, "or"
		case "XOR":
			return xorLevel, "xor"
		case "AND":
			return andLevel, "and"
		case "DIV", "MOD":
			return multiplyLevel, fold(t.value)
		case "COLLATE":
			return collateLevel, "collate"
		case "IS", "IN", "LIKE", "GLOB", "REGEXP", "RLIKE", "MATCH", "BETWEEN", "ISNULL", "NOTNULL":
			return equalLevel, fold(t.value)
		case "NOT":
			if n := r.peek(1); n.is("IN") || n.is("LIKE") || n.is("GLOB") || n.is("REGEXP") || n.is("RLIKE") || n.is("BETWEEN") || n.is("NULL") && !mysql {
				return equalLevel, "not"
			}
		}
		return 0, ""
	}
	if t.kind != symbol {
		return 0, ""
	}
	switch t.value {
	case "=", "==", "<>", "!=", "<=>":
		return equalLevel, canonicalToken(t)
	case "<", "<=", ">", ">=":
		if mysql {
			return equalLevel, t.value
		}
		return compareLevel, t.value
	case "|":
		return bitOrLevel, "|"
	case "&":
		if !mysql {
			return bitOrLevel, "&"
		}
		return bitAndLevel, "&"
	case "<<", ">>":
		if !mysql {
			return bitOrLevel, t.value
		}
		return shiftLevel, t.value
	case "+", "-":
		return addLevel, t.value
	case "*", "/":
		return multiplyLevel, t.value
	case "%":
		return multiplyLevel, "mod"
	case "^":
		return concatLevel, "^"
	case "||":
		if mysql {
			return orLevel, "or"
		}
		return concatLevel, "||"
	case "&&":
		return andLevel, "and"
	case "->", "->>":
		return collateLevel, t.value
	}
	return 0, ""
}

// expression reads operators of at least a level. It says false when it meets
// something it does not know.
func (r *reader) expression(least int) (string, bool) {
	if r.depth++; r.depth > deepest {
		return "", false
	}
	defer func() { r.depth-- }()
	left, ok := r.operand()
	for ok {
		level, op := r.infix()
		if level == 0 || level < least {
			return left, true
		}
		r.take()
		left, ok = r.operation(left, level, op)
	}
	return "", false
}

// operation reads what stands behind an operator.
func (r *reader) operation(left string, level int, op string) (string, bool) {
	switch op {
	case "or", "and", "xor":
		right, ok := r.expression(level + 1)
		return list(op, truth(left), truth(right)), ok
	case "not":
		if r.accept("NULL") {
			return list("not", list("is", left, "null")), true
		}
		next := fold(r.take().value)
		inner, ok := r.operation(left, level, next)
		return list("not", inner), ok
	case "isnull":
		return list("is", left, "null"), true
	case "notnull":
		return list("not", list("is", left, "null")), true
	case "is":
		not := r.accept("NOT")
		right, ok := r.expression(level + 1)
		x := list("is", left, right)
		if not {
			x = list("not", x)
		}
		return x, ok
	case "in":
		if !r.accept("(") {
			return "", false
		}
		items, ok := r.items()
		return list("in", left, items...), ok
	case "between":
		low, ok := r.expression(compareLevel)
		if !ok || !r.accept("AND") {
			return "", false
		}
		high, ok := r.expression(compareLevel)
		return list("between", left, low, high), ok
	case "like", "glob", "match":
		right, ok := r.expression(compareLevel)
		if ok && r.accept("ESCAPE") {
			var escape string
			escape, ok = r.expression(compareLevel)
			return list(op, left, right, escape), ok
		}
		return list(op, left, right), ok
	case "regexp", "rlike":
		right, ok := r.expression(compareLevel)
		return list("regexp_like", left, right), ok
	case "->", "->>":
		right, ok := r.expression(level + 1)
		x := list("json_extract", left, right)
		if r.dialect == SQLite {
			return list(op, left, right), ok
		}
		if op == "->>" {
			x = list("json_unquote", x)
		}
		return x, ok
	case "collate":
		t := r.take()
		return list("collate", left, canonicalCollate(t.value)), t.kind == word || t.kind == quoted || t.kind == text
	}
	right, ok := r.expression(level + 1)
	return list(op, left, right), ok
}

// list writes an operator or a function and what it is applied to. Chains of AND
// and OR are flat.
func list(op, first string, rest ...string) string {
	if op == "and" || op == "or" {
		flat := func(x string) string {
			if inner, ok := strings.CutPrefix(x, "("+op+" "); ok {
				return strings.TrimSuffix(inner, ")")
			}
			return x
		}
		first = flat(first)
		for n := range rest {
			rest[n] = flat(rest[n])
		}
	}
	return "(" + op + " " + strings.Join(append([]string{first}, rest...), " ") + ")"
}

// truth takes the comparison with 0 away that MySQL puts around a number that
// stands for true or false.
func truth(x string) string {
	if rest, ok := strings.CutPrefix(x, "(<> 0 "); ok {
		return strings.TrimSuffix(rest, ")")
	}
	return x
}

// items reads expressions separated by commas, up to the closing parenthesis.
func (r *reader) items() ([]string, bool) {
	if r.accept(")") {
		return nil, true
	}
	var all []string
	for {
		x, ok := r.expression(0)
		if !ok {
			return nil, false
		}
		all = append(all, x)
		if r.accept(",") {
			continue
		}
		return all, r.accept(")")
	}
}
