package schema

import (
	"fmt"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
)

// expression translates an expression of MySQL to SQLite: a CHECK, a generated column,
// an index part, a default. It knows the operators and functions that mean the same on
// both; any other word is an error, because a guess could let rows in that MySQL refuses.
func expression(t *atlas.Table, text string) (string, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return "", err
	}
	p := expressionParser{table: t, tokens: unwrapped(tokens)}
	out, _, err := p.until("")
	if err != nil {
		return "", fmt.Errorf("%w: SQLite gets the same expression, as far as it means the same there", err)
	}
	return out, nil
}

// expressionParser reads tokens from the left. Parentheses are the only structure that
// it needs to know.
type expressionParser struct {
	table  *atlas.Table
	tokens []token
}

// sameWords mean the same on both dialects, where they are no column's name.
const sameWords = "AND OR NOT IN IS NULL BETWEEN CASE WHEN THEN ELSE END TRUE FALSE"

// sameOperators are those whose meaning and precedence are the same.
const sameOperators = "= <> != < <= > >= + - * ,"

// functions are MySQL's functions, and how SQLite writes them: %s is the arguments,
// %1, %2 … one of them.
var functions = map[string]string{
	"ABS": "abs(%s)", "COALESCE": "coalesce(%s)", "IFNULL": "ifnull(%s)", "NULLIF": "nullif(%s)",
	"LOWER": "lower(%s)", "LCASE": "lower(%s)", "UPPER": "upper(%s)", "UCASE": "upper(%s)",
	"LTRIM": "ltrim(%s)", "RTRIM": "rtrim(%s)", "TRIM": "trim(%s)", "REPLACE": "replace(%s)", "INSTR": "instr(%s)",
	"SUBSTR": "substr(%s)", "SUBSTRING": "substr(%s)", "MID": "substr(%s)", "LEFT": "substr(%1, 1, %2)",
	"CHAR_LENGTH": "length(%s)", "CHARACTER_LENGTH": "length(%s)",
	"LENGTH": "length(CAST(%s AS blob))", "OCTET_LENGTH": "length(CAST(%s AS blob))",
	"IF": "iif(%s)", "GREATEST": "max(%s)", "LEAST": "min(%s)", "JSON_VALID": "json_valid(%s)",
	"CONCAT": "", // (a) || (b), see call
}

// until translates up to one of the symbols in ends, which is taken off and returned; with
// "", up to the end of the text.
func (p *expressionParser) until(ends string) (text, end string, err error) {
	var out []string
	for len(p.tokens) > 0 && end == "" {
		t := p.tokens[0]
		p.tokens = p.tokens[1:]
		if t.kind == symbol && has(ends, t.text) {
			end = t.text
			continue
		}
		text, err := p.one(t)
		if err != nil {
			return "", "", err
		}
		out = append(out, text)
	}
	if len(out) == 0 || end == "" && ends != "" {
		return "", "", fmt.Errorf("the expression ends too early")
	}
	return strings.Join(out, " "), end, nil
}

// one translates what begins with a token.
func (p *expressionParser) one(t token) (string, error) {
	switch t.kind {
	case number:
		return t.text, nil
	case stringLiteral:
		return text(t.text), nil
	case quotedName:
		return p.column(t.text)
	case symbol:
		return p.operator(t.text)
	}
	upper := strings.ToUpper(t.text)
	switch {
	case has(sameWords, upper):
		return upper, nil
	case len(p.tokens) > 0 && p.tokens[0].nesting() == 1:
		p.tokens = p.tokens[1:]
		return p.call(upper)
	case upper == "LIKE":
		return p.pattern()
	}
	return p.column(t.text)
}

func (p *expressionParser) column(name string) (string, error) {
	for _, c := range p.table.Columns {
		if strings.EqualFold(c.Name, name) {
			return quoted(c.Name), nil
		}
	}
	return "", fmt.Errorf("%s is no column of the table, and not known in an expression", name)
}

func (p *expressionParser) operator(op string) (string, error) {
	switch {
	case has(sameOperators, op):
		return op, nil
	case op == "(":
		inner, _, err := p.until(")")
		return "(" + inner + ")", err
	case op == "/":
		return p.division()
	case op == "<=>":
		return "IS", nil
	case op == "&&":
		return "AND", nil
	}
	return "", fmt.Errorf("the operator %s is not known in an expression", op)
}

// division is never one of integers on MySQL, and one by 0 is an error there, but NULL
// on SQLite.
func (p *expressionParser) division() (string, error) {
	if len(p.tokens) == 0 || p.tokens[0].kind != number || strings.Trim(p.tokens[0].text, "0.") == "" {
		return "", fmt.Errorf("a division by anything but a number that is not 0 is not known in an expression")
	}
	return "* 1.0 /", nil
}

// globs are what LIKE's and GLOB's patterns call alike.
var globs = strings.NewReplacer("%", "*", "_", "?", "*", "[*]", "?", "[?]", "[", "[[]")

// pattern translates LIKE and its pattern to GLOB: SQLite's LIKE takes a for A.
func (p *expressionParser) pattern() (string, error) {
	if len(p.tokens) == 0 || p.tokens[0].kind != stringLiteral || strings.Contains(p.tokens[0].text, `\`) {
		return "", fmt.Errorf("LIKE is known in an expression with a pattern in quotes, without a backslash")
	}
	pattern := globs.Replace(p.tokens[0].text)
	p.tokens = p.tokens[1:]
	return "GLOB " + text(pattern), nil
}

// call translates a function; its opening parenthesis is taken off.
func (p *expressionParser) call(name string) (string, error) {
	form, ok := functions[name]
	if !ok {
		return "", fmt.Errorf("the function %s is not known in an expression", name)
	}
	args, err := p.arguments()
	if err != nil {
		return "", err
	}
	if name == "CONCAT" {
		return "((" + strings.Join(args, ") || (") + "))", nil
	}
	if len(args) < strings.Count(form, "%") {
		return "", fmt.Errorf("%s has too few arguments", name)
	}
	pairs := []string{"%s", strings.Join(args, ", ")}
	for i, arg := range args {
		pairs = append(pairs, fmt.Sprint("%", i+1), arg)
	}
	return strings.NewReplacer(pairs...).Replace(form), nil
}

// arguments translates the arguments of a call, and takes its closing parenthesis off.
func (p *expressionParser) arguments() (args []string, err error) {
	for {
		arg, end, err := p.until(", )")
		if err != nil {
			return nil, err
		}
		if args = append(args, arg); end == ")" {
			return args, nil
		}
	}
}

// unwrapped takes off the parentheses around a whole expression.
func unwrapped(tokens []token) []token {
	for len(tokens) > 0 && tokens[0].nesting() == 1 {
		depth, last := 0, len(tokens)-1
		for i, t := range tokens {
			if depth += t.nesting(); depth == 0 {
				last = i
				break
			}
		}
		if depth != 0 || last < len(tokens)-1 {
			break
		}
		tokens = tokens[1:last]
	}
	return tokens
}
