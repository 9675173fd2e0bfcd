package ddl

import (
	"slices"
	"strconv"
	"strings"
)

// canonical writes an expression so that two that differ in spelling only come
// out equal: the server's own way of writing takes away quotes, capitals, spaces
// and parentheses, turns NOT around, and gives character sets to strings. An
// expression that the small grammar here does not know comes out as its words.
func canonical(dialect, expr string) string {
	p, err := newParser(dialect, expr)
	if err != nil {
		return strings.Join(strings.Fields(expr), " ")
	}
	r := &reader{parser: p}
	if x, ok := r.expression(0); ok && r.peek(0).kind == end {
		var b strings.Builder
		x.write(&b)
		return b.String()
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

// node is an operator or a function and what it is applied to; a value or a
// column has no arguments and is a leaf.
type node struct {
	op   string
	args []node
	leaf bool
}

func leaf(s string) node { return node{op: s, leaf: true} }

// of makes a node. AND within AND and OR within OR are one.
func of(op string, args ...node) node {
	switch {
	case op == "xor", op == "if()" && len(args) > 0, op == "is" && len(args) == 2 && (args[1].isLeaf("true") || args[1].isLeaf("false")):
		args[0] = truth(args[0])
		if op == "xor" {
			args[1] = truth(args[1])
		}
	}
	if op != "and" && op != "or" {
		return node{op: op, args: args}
	}
	var flat []node
	for _, a := range args {
		if a = truth(a); a.op == op && !a.leaf {
			flat = append(flat, a.args...)
		} else {
			flat = append(flat, a)
		}
	}
	return node{op: op, args: flat}
}

func (n node) write(b *strings.Builder) {
	if n.leaf {
		b.WriteString(n.op)
		return
	}
	b.WriteString("(" + n.op)
	for _, a := range n.args {
		b.WriteByte(' ')
		a.write(b)
	}
	b.WriteByte(')')
}

func (n node) is(op string, args int) bool { return !n.leaf && n.op == op && len(n.args) == args }

func (n node) isLeaf(s string) bool { return n.leaf && n.op == s }

// truth takes the comparison with 0 away that MySQL puts around a number that
// stands for true or false.
func truth(x node) node {
	switch {
	case x.is("<>", 2) && x.args[0].isLeaf("0"):
		return x.args[1]
	case x.is("=", 2) && x.args[0].isLeaf("0"):
		return node{op: "not", args: x.args[1:]}
	}
	return x
}

// opposites are the comparisons that MySQL turns into each other for a NOT.
var opposites = map[string]string{"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

// negation is NOT x, as MySQL writes it: as far inside as it goes.
func negation(x node) node {
	x = truth(x)
	if x.leaf {
		return of("not", x)
	}
	switch x.op {
	case "not":
		return x.args[0]
	case "and", "or":
		turned := make([]node, len(x.args))
		for n, a := range x.args {
			turned[n] = negation(a)
		}
		return of(map[string]string{"and": "or", "or": "and"}[x.op], turned...)
	}
	if o, ok := opposites[x.op]; ok && len(x.args) == 2 {
		return of(o, slices.Clone(x.args)...)
	}
	return of("not", x)
}
