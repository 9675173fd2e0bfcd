package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kind is the kind of a request. Each kind supports the parameters of the previous kinds.
type kind int

const (
	none kind = iota
	one
	list
	bulk
)

// reserved are the parameters that are not filters. They are the same for every kind of
// request, so that a query selects the same rows in a list and in a bulk write. To filter by
// a field with such a name, a client needs an operator: sort[eq]=x.
var reserved = []string{"fields", "include", "sort", "page", "per_page", "cursor", "count", "all", "max_affected",
	"dry_run"}

// parser parses parameters into a List and a Bulk, and collects problems.
type parser struct {
	table    *Table
	kind     kind
	params   []param
	list     List
	bulk     Bulk
	problems []Problem
}

func (p *parser) fail(param, code, format string, args ...any) {
	if len(p.problems) == maxParams {
		return
	}
	p.problems = append(p.problems, Problem{param, code, fmt.Sprintf(format, args...)})
}

func (p *parser) failed(param string) bool {
	return slices.ContainsFunc(p.problems, func(x Problem) bool { return x.Param == param })
}

func (p *parser) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	return &Error{p.problems}
}

// read parses each parameter, in the order of their names. It reports whether the query
// could be split into parameters.
func (p *parser) read(rawQuery string) bool {
	if rawQuery == "" {
		return true
	}
	if strings.Count(rawQuery, "&") >= maxParams {
		p.fail("", "out_of_range", "The query string has more than %d parameters", maxParams)
		return false
	}
	params, ok := split(rawQuery)
	if !ok {
		p.fail("", "syntax", "The query string is invalid: two hexadecimal digits must follow each %%, and parameters must "+
			"be separated by &")
		return false
	}
	p.params = params
	for len(params) > 0 {
		n := 1
		for n < len(params) && params[n].name == params[0].name {
			n++
		}
		p.readOne(params[:n])
		params = params[n:]
	}
	return true
}

// readOne parses all parameters of one name.
func (p *parser) readOne(given []param) {
	x := given[0]
	switch {
	case len(given) > 1 && !mayRepeat(x.name):
		p.fail(Printable(x.name), "repeated", "%s must be sent once, not %d times", Printable(x.name), len(given))
	case p.kind >= one && p.shape(given):
	case p.kind >= list && p.window(given):
	case p.kind == bulk && p.guard(x):
	case p.kind >= list && p.filter(given):
	default:
		p.fail(Printable(x.name), "unknown", "Unknown parameter %s", Printable(x.name))
	}
}

// shape parses fields and include. It reports whether the parameter is one of them.
func (p *parser) shape(given []param) bool {
	switch given[0].name {
	case "fields":
		names := make([]string, len(p.table.Fields))
		for i, f := range p.table.Fields {
			names[i] = f.Name
		}
		p.list.Fields = p.choose(given, names, "field")
	case "include":
		p.list.Include = p.choose(given, p.table.Includes, "relation")
	default:
		return false
	}
	return true
}

// choose parses a list of names, and returns them in the order of the choices.
func (p *parser) choose(given []param, choices []string, what string) []string {
	param := given[0].name
	chosen := make([]bool, len(choices))
	for name := range items(given) {
		switch i := slices.Index(choices, name); {
		case i < 0:
			p.fail(param, "unknown", "Unknown %s %s", what, Printable(name))
		case chosen[i]:
			p.fail(param, "repeated", "%s must not contain %s twice", param, name)
		default:
			chosen[i] = true
		}
	}
	var names []string
	for i, name := range choices {
		if chosen[i] {
			names = append(names, name)
		}
	}
	return names
}

// window parses sort, page, per_page, count and cursor. It reports whether the parameter is
// one of them.
func (p *parser) window(given []param) bool {
	switch x := given[0]; x.name {
	case "sort":
		p.sort(given)
	case "page":
		p.list.Page = p.number(x, maxPage)
	case "per_page":
		p.list.PerPage = p.number(x, MaxPerPage)
	case "count":
		if p.list.Count = x.value == "exact"; !p.list.Count {
			p.fail(x.name, "out_of_range", "count must be exact")
		}
	case "cursor": // finishList decodes it, because it depends on sort
	default:
		return false
	}
	return true
}

func (p *parser) number(x param, most int) int {
	n, err := strconv.ParseUint(x.value, 10, 63)
	if err != nil || n < 1 || n > uint64(most) {
		p.fail(x.name, "out_of_range", "%s must be a whole number from 1 to %d", x.name, most)
		return 0
	}
	return int(n)
}

func (p *parser) sort(given []param) {
	for key := range items(given) {
		name, desc := strings.CutPrefix(key, "-")
		switch {
		case p.table.field(name) == nil:
			p.fail("sort", "unknown", "Unknown field %s in sort", Printable(name))
		case p.table.field(name).Unsorted:
			p.fail("sort", "operator", "sort does not support the field %s, whose values have no order", name)
		case slices.ContainsFunc(p.list.Sort, func(o Order) bool { return o.Field == name }):
			p.fail("sort", "repeated", "sort must not contain %s twice", name)
		default:
			p.list.Sort = append(p.list.Sort, Order{name, desc})
		}
	}
	if n := len(p.list.Sort); n > MaxSort {
		p.fail("sort", "out_of_range", "sort must have at most %d fields, not %d", MaxSort, n)
	}
}

// guard parses all, dry_run and max_affected. It reports whether x is one of them.
func (p *parser) guard(x param) bool {
	switch x.name {
	case "all":
		p.bulk.All = p.flag(x)
	case "dry_run":
		p.bulk.DryRun = p.flag(x)
	case "max_affected":
		n, err := strconv.ParseUint(x.value, 10, 63)
		if err != nil {
			p.fail(x.name, "out_of_range", "max_affected must be a whole number, 0 or greater")
		}
		p.bulk.MaxAffected = int64(n)
	default:
		return false
	}
	return true
}

func (p *parser) flag(x param) bool {
	b, err := boolean(x.value)
	if err != nil {
		p.fail(x.name, err.code, "%s %s", x.name, err.detail)
	}
	return b
}
