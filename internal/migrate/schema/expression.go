package schema

import (
	"fmt"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
)

// expression translates a MySQL expression to SQLite: a CHECK, a generated column, an
// index part or a default. It supports only operators and functions that have the same
// meaning on both. For others it returns an [onlyMySQL], because a wrong translation could
// accept rows that MySQL rejects.
func expression(t *atlas.Table, text string) (string, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return "", err
	}
	p := expressionParser{table: t, tokens: unwrapped(tokens)}
	out, _, err := p.until("")
	return out, err
}

// onlyMySQL is the error for a part of an expression that SQLite does not have, or that has
// another meaning there.
type onlyMySQL struct{ part string }

func (e *onlyMySQL) Error() string { return e.part + " has no equivalent there" }

// mysqlWords are the operators of MySQL that are words, and the types of its literals.
const mysqlWords = "XOR DIV MOD REGEXP RLIKE COLLATE ESCAPE BINARY INTERVAL SOUNDS MEMBER UNKNOWN DATE TIME " +
	"TIMESTAMP X B"

// expressionParser translates tokens from left to right. It tracks only parentheses,
// because operators have the same precedence on both dialects.
type expressionParser struct {
	table  *atlas.Table
	tokens []token
}

// sameWords are the words with the same meaning on both dialects.
const sameWords = "AND OR NOT IN IS NULL BETWEEN CASE WHEN THEN ELSE END TRUE FALSE"

// sameOperators are the operators with the same meaning and precedence on both dialects.
const sameOperators = "= <> != < <= > >= + - * ,"

// mysqlOperators are the operators without an equivalent.
const mysqlOperators = "|| % & | ^ ~ ! << >> -> ->>"

// functions maps the supported functions of MySQL to their form on SQLite. %s stands for
// all arguments, %1 and %2 for one of them.
var functions = map[string]string{
	"ABS": "abs(%s)", "COALESCE": "coalesce(%s)", "IFNULL": "ifnull(%s)", "NULLIF": "nullif(%s)",
	"LOWER": "lower(%s)", "LCASE": "lower(%s)", "UPPER": "upper(%s)", "UCASE": "upper(%s)",
	"LTRIM": "ltrim(%s)", "RTRIM": "rtrim(%s)", "TRIM": "trim(%s)", "REPLACE": "replace(%s)", "INSTR": "instr(%s)",
	"SUBSTR": "substr(%s)", "SUBSTRING": "substr(%s)", "MID": "substr(%s)", "LEFT": "substr(%1, 1, %2)",
	"CHAR_LENGTH": "length(%s)", "CHARACTER_LENGTH": "length(%s)",
	"LENGTH": "length(CAST(%s AS blob))", "OCTET_LENGTH": "length(CAST(%s AS blob))",
	"IF": "iif(%s)", "GREATEST": "max(%s)", "LEAST": "min(%s)", "JSON_VALID": "json_valid(%s)",
	"CONCAT": "", // call writes (a) || (b)
}

// until translates the tokens up to one of the symbols in ends, consumes this symbol and
// returns it. If ends is empty, it translates all tokens.
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

// one translates the operand or operator that starts with t.
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
	if has(mysqlWords, strings.ToUpper(name)) || strings.HasPrefix(name, "0") { // such as 0x1F
		return "", &onlyMySQL{name}
	}
	return "", fmt.Errorf("%s is neither a column of the table nor supported in an expression", name)
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
	if has(mysqlOperators, op) {
		return "", &onlyMySQL{"operator " + op}
	}
	return "", fmt.Errorf("operator %s is not supported in an expression", op)
}

// division translates a division by a constant other than 0. MySQL divides integers
// exactly, so it multiplies by 1.0 first. A division by 0 is an error on MySQL, but NULL
// on SQLite.
func (p *expressionParser) division() (string, error) {
	if len(p.tokens) == 0 || p.tokens[0].kind != number || strings.Trim(p.tokens[0].text, "0.") == "" {
		return "", &onlyMySQL{"a division by anything but a number other than 0"}
	}
	return "* 1.0 /", nil
}

// globs replaces the special characters of a LIKE pattern by those of a GLOB pattern.
var globs = strings.NewReplacer("%", "*", "_", "?", "*", "[*]", "?", "[?]", "[", "[[]")

// pattern translates LIKE and its pattern to GLOB, because LIKE ignores case on SQLite.
func (p *expressionParser) pattern() (string, error) {
	if len(p.tokens) == 0 || p.tokens[0].kind != stringLiteral || strings.Contains(p.tokens[0].text, `\`) {
		return "", &onlyMySQL{"LIKE with anything but a pattern in quotes, without a backslash,"}
	}
	pattern := globs.Replace(p.tokens[0].text)
	p.tokens = p.tokens[1:]
	return "GLOB " + text(pattern), nil
}

// call translates a function call. The opening parenthesis is already consumed.
func (p *expressionParser) call(name string) (string, error) {
	form, ok := functions[name]
	if !ok {
		return "", &onlyMySQL{"function " + name}
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

// arguments translates the arguments of a call, and consumes the closing parenthesis.
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

// unwrapped returns the tokens without the parentheses around the whole expression.
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
