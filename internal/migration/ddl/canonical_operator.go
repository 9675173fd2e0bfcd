package ddl

import "strings"

// reader reads an expression into nodes.
type reader struct {
	*parser
	depth int
	// names are the columns it met.
	names []token
}

// unknownColumn finds a column in an expression that a table does not have. It
// says "" as well when the expression is not one that can be read here.
func unknownColumn(dialect, expr string, t *table) string {
	p, err := newParser(dialect, expr)
	if err != nil {
		return ""
	}
	r := &reader{parser: p}
	if _, ok := r.expression(0); !ok || p.peek(0).kind != end {
		return ""
	}
	for _, n := range r.names {
		constant := n.is("NULL") || n.is("TRUE") || n.is("FALSE") || n.is("DEFAULT")
		// A name in double quotes may be a string to SQLite; each row has a number.
		sqlite := dialect == SQLite && (n.kind == quoted && expr[n.from] == '"' || n.is("ROWID") || n.is("OID") || n.is("_ROWID_"))
		if !constant && !sqlite && n.value[0] != '@' && t.column(n.value) == nil {
			return n.value
		}
	}
	return ""
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

// operators gives the level of each operator and the word it is written as, for
// MySQL and for SQLite; level 0 for one that a dialect does not have.
var operators = map[string]struct {
	mysql, sqlite int
	op            string
}{
	"OR": {orLevel, orLevel, "or"}, "XOR": {xorLevel, 0, "xor"}, "AND": {andLevel, andLevel, "and"}, "&&": {andLevel, 0, "and"},
	"IS": {equalLevel, equalLevel, "is"}, "IN": {equalLevel, equalLevel, "in"}, "LIKE": {equalLevel, equalLevel, "like"},
	"GLOB": {0, equalLevel, "glob"}, "MATCH": {0, equalLevel, "match"}, "BETWEEN": {equalLevel, equalLevel, "between"},
	"REGEXP": {equalLevel, equalLevel, "regexp"}, "RLIKE": {equalLevel, 0, "regexp"},
	"ISNULL": {0, equalLevel, "isnull"}, "NOTNULL": {0, equalLevel, "notnull"},
	"=": {equalLevel, equalLevel, "="}, "==": {0, equalLevel, "="}, "<>": {equalLevel, equalLevel, "<>"}, "!=": {equalLevel, equalLevel, "<>"},
	"<=>": {equalLevel, 0, "<=>"}, "<": {equalLevel, compareLevel, "<"}, "<=": {equalLevel, compareLevel, "<="},
	">": {equalLevel, compareLevel, ">"}, ">=": {equalLevel, compareLevel, ">="},
	"|": {bitOrLevel, bitOrLevel, "|"}, "&": {bitAndLevel, bitOrLevel, "&"}, "<<": {shiftLevel, bitOrLevel, "<<"}, ">>": {shiftLevel, bitOrLevel, ">>"},
	"+": {addLevel, addLevel, "+"}, "-": {addLevel, addLevel, "-"}, "*": {multiplyLevel, multiplyLevel, "*"}, "/": {multiplyLevel, multiplyLevel, "/"},
	"%": {multiplyLevel, multiplyLevel, "mod"}, "MOD": {multiplyLevel, 0, "mod"}, "DIV": {multiplyLevel, 0, "div"},
	"^": {concatLevel, 0, "^"}, "||": {orLevel, concatLevel, "||"}, "COLLATE": {collateLevel, collateLevel, "collate"},
	"->": {collateLevel, concatLevel, "->"}, "->>": {collateLevel, concatLevel, "->>"},
}

// infix gives the next operator's level and word; 0 for none.
func (r *reader) infix() (level int, op string) {
	t := r.peek(0)
	if t.kind != word && t.kind != symbol {
		return 0, ""
	}
	if t.is("NOT") { // a NOT IN (b)
		n := r.peek(1)
		if r.dialect == SQLite && n.is("NULL") {
			return equalLevel, "not"
		}
		if o := operators[strings.ToUpper(n.value)]; n.kind == word && o.mysql+o.sqlite > 0 && max(o.mysql, o.sqlite) == equalLevel && !n.is("IS") {
			return equalLevel, "not"
		}
		return 0, ""
	}
	o := operators[strings.ToUpper(t.value)]
	if r.dialect == SQLite {
		return o.sqlite, o.op
	}
	if o.op == "||" {
		return o.mysql, "or"
	}
	return o.mysql, o.op
}

// expression reads operators of at least a level. It says false when it meets
// something it does not know.
func (r *reader) expression(least int) (node, bool) {
	if r.depth++; r.depth > deepest {
		return node{}, false
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
	return node{}, false
}

// operation reads what stands behind an operator.
func (r *reader) operation(left node, level int, op string) (node, bool) {
	switch op {
	case "not":
		if r.accept("NULL") {
			return negation(of("is", left, leaf("null"))), true
		}
		_, op := r.infix()
		r.take()
		inner, ok := r.operation(left, level, op)
		return negation(inner), ok
	case "isnull":
		return of("is", left, leaf("null")), true
	case "notnull":
		return negation(of("is", left, leaf("null"))), true
	case "is":
		not := r.accept("NOT")
		right, ok := r.expression(level + 1)
		x := of("is", left, right)
		if not {
			x = negation(x)
		}
		return x, ok
	case "in":
		if !r.accept("(") {
			return node{}, false
		}
		items, ok := r.items()
		if len(items) == 1 {
			return of("=", left, items[0]), ok
		}
		return of("in", append([]node{left}, items...)...), ok
	case "between":
		low, ok := r.expression(compareLevel)
		if !ok || !r.accept("AND") {
			return node{}, false
		}
		high, ok := r.expression(compareLevel)
		return of("between", left, low, high), ok
	case "like":
		right, ok := r.expression(compareLevel)
		if ok && r.accept("ESCAPE") {
			var escape node
			escape, ok = r.expression(compareLevel)
			return of("like", left, right, escape), ok
		}
		return of("like", left, right), ok
	case "collate":
		t := r.take()
		return of("collate", left, leaf(canonicalCollate(t.value))), t.kind == word || t.kind == quoted || t.kind == text
	}
	right, ok := r.expression(level + 1)
	switch {
	case op == "regexp":
		return of("regexp_like()", left, right), ok
	case op == "->" && r.dialect == MySQL:
		return of("json_extract()", left, right), ok
	case op == "->>" && r.dialect == MySQL:
		return of("json_unquote()", of("json_extract()", left, right)), ok
	}
	return of(op, left, right), ok
}

// items reads expressions separated by commas, up to the closing parenthesis.
func (r *reader) items() ([]node, bool) {
	if r.accept(")") {
		return nil, true
	}
	var all []node
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
