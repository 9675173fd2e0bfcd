package query

import (
	"iter"
	"net/url"
	"slices"
	"strings"
)

// mayRepeat reports whether a parameter is a list, which may be given in parts:
// sort=a&sort=b is sort=a,b.
func mayRepeat(name string) bool {
	switch name {
	case "fields", "include", "sort":
		return true
	}
	return strings.HasSuffix(name, "["+string(In)+"]") || strings.HasSuffix(name, "["+string(NotIn)+"]")
}

// param is a parameter of a URL.
type param struct{ name, value string }

// split returns the parameters as [url.ParseQuery] reads them, sorted by name; those
// of one name stay in their order. Most queries are short and plain: a sorted slice is
// cheaper than a map.
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

// value is the first value of a parameter; sent says whether it is there.
func (p *parser) value(name string) (value string, sent bool) {
	for _, x := range p.params {
		if x.name == name {
			return x.value, true
		}
	}
	return "", false
}

// items returns the names in a list, which commas separate.
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
