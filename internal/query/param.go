package query

import (
	"iter"
	"net/url"
	"slices"
	"strings"
)

// mayRepeat reports whether a parameter is a list and may be repeated: sort=a&sort=b is
// sort=a,b.
func mayRepeat(name string) bool {
	switch name {
	case "fields", "include", "sort":
		return true
	}
	return strings.HasSuffix(name, "["+string(In)+"]") || strings.HasSuffix(name, "["+string(NotIn)+"]")
}

// param is a parameter of a URL.
type param struct{ name, value string }

// split parses a query like [url.ParseQuery], and reports whether it is valid. It sorts the
// parameters by name and keeps the order of those with the same name. A sorted slice is
// cheaper than a map for short queries.
func split(rawQuery string) ([]param, bool) {
	params := make([]param, 0, strings.Count(rawQuery, "&")+1)
	for part := range strings.SplitSeq(rawQuery, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		if err != nil || strings.Contains(part, ";") {
			return nil, false
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, false
		}
		params = append(params, param{name, value})
	}
	slices.SortStableFunc(params, func(a, b param) int { return strings.Compare(a.name, b.name) })
	return params, true
}

// value returns the first value of a parameter, and whether the request has it.
func (p *parser) value(name string) (value string, sent bool) {
	for _, x := range p.params {
		if x.name == name {
			return x.value, true
		}
	}
	return "", false
}

// items returns the items of a list, separated by commas.
func items(given []param) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, x := range given {
			for item := range strings.SplitSeq(x.value, ",") {
				if !yield(item) {
					return
				}
			}
		}
	}
}
