package ddl

import (
	"fmt"
	"strings"
)

// parser walks over the tokens of one statement.
type parser struct {
	dialect string
	text    string
	all     []token
	at      int
}

func newParser(dialect, text string) (*parser, error) {
	all, err := tokens(dialect, text, len(text)+1)
	if err != nil {
		return nil, err
	}
	return &parser{dialect: dialect, text: text, all: all}, nil
}

// peek returns the token n ahead without taking it.
func (p *parser) peek(n int) token { return p.all[min(p.at+n, len(p.all)-1)] }

// take returns the next token. At the end it returns the end again and again.
func (p *parser) take() token {
	t := p.peek(0)
	if t.kind != end {
		p.at++
	}
	return t
}

// is says whether a token is this keyword or sign. Keywords are in capitals.
func (t token) is(s string) bool {
	return t.kind == word && strings.EqualFold(t.value, s) || t.kind == symbol && t.value == s
}

// next says whether the next tokens are these keywords or signs.
func (p *parser) next(words ...string) bool {
	for i, w := range words {
		if !p.peek(i).is(w) {
			return false
		}
	}
	return true
}

// oneOf says whether the next token is one of these keywords.
func (p *parser) oneOf(words ...string) bool {
	for _, w := range words {
		if p.next(w) {
			return true
		}
	}
	return false
}

// accept takes the keywords or signs if they are next.
func (p *parser) accept(words ...string) bool {
	if !p.next(words...) {
		return false
	}
	p.at += len(words)
	return true
}

// acceptOne takes the next token if it is one of these keywords.
func (p *parser) acceptOne(words ...string) bool {
	if p.oneOf(words...) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(words ...string) error {
	for _, w := range words {
		if !p.accept(w) {
			return p.unexpected(w)
		}
	}
	return nil
}

// done says whether nothing follows.
func (p *parser) done() bool {
	for p.accept(";") {
	}
	return p.peek(0).kind == end
}

func (p *parser) expectDone() error {
	if !p.done() {
		return p.unexpected("the end of the statement")
	}
	return nil
}

// unexpected is the error for what stands where something else should.
func (p *parser) unexpected(wanted string) error {
	t := p.peek(0)
	if t.kind == end {
		return fmt.Errorf("the statement ends where %s should stand", wanted)
	}
	return fmt.Errorf("%s should stand before %s", wanted, excerpt(p.text[t.from:]))
}

// name takes a name, quoted or not.
func (p *parser) name(what string) (string, error) {
	t := p.peek(0)
	ok := t.kind == word || t.kind == quoted || t.kind == text && p.dialect == SQLite && t.prefix == ""
	if p.dialect == MySQL && t.kind == number && t.value != "" && nameOfDigits(t.value) {
		ok = true // MySQL takes 1st for a name
	}
	if !ok || t.value == "" {
		return "", p.unexpected(what)
	}
	p.at++
	return t.value, nil
}

func nameOfDigits(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return !(r >= '0' && r <= '9') }) && !strings.Contains(s, ".")
}

// qualified takes a name that may have that of its database before it.
func (p *parser) qualified(what string) (database, name string, err error) {
	if name, err = p.name(what); err != nil || !p.accept(".") {
		return "", name, err
	}
	database = name
	name, err = p.name(what)
	return database, name, err
}

// raw is the text from one position up to the token that is next.
func (p *parser) raw(from int) string {
	to := from
	if p.at > 0 {
		to = max(from, p.all[p.at-1].to)
	}
	return p.text[from:to]
}

// skipParens takes a pair of parentheses and all in it, and returns the text
// between them.
func (p *parser) skipParens() (string, error) {
	if !p.next("(") {
		return "", p.unexpected("(")
	}
	from := p.take().to
	for depth := 1; depth > 0; {
		switch t := p.take(); {
		case t.kind == end:
			return "", p.unexpected(")")
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
	}
	return strings.TrimSpace(p.text[from:p.all[p.at-1].from]), nil
}

// names takes names in parentheses, separated by commas.
func (p *parser) names(what string) ([]string, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var all []string
	for {
		name, err := p.name(what)
		if err != nil {
			return nil, err
		}
		all = append(all, name)
		if !p.accept(",") {
			break
		}
	}
	return all, p.expect(")")
}

// skipTo passes over tokens up to a comma or a closing parenthesis outside of
// parentheses, or the end.
func (p *parser) skipTo() {
	for depth := 0; ; p.at++ {
		switch t := p.peek(0); {
		case t.kind == end, depth == 0 && (t.is(",") || t.is(")") || t.is(";")):
			return
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
	}
}
