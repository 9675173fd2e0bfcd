package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// change is an object that two fingerprints do not have in common.
type change struct {
	object
	// what is "added", "changed" or "dropped".
	what string
	// parts are those of a table that is there in both.
	parts []partChange
}

// partChange is a part of a table that two fingerprints do not have in common.
type partChange struct {
	// kind is column, index or check.
	kind, name, what string
	// columns are those of an index, before and after.
	columns []string
}

func (c change) String() string {
	text := fmt.Sprintf("%s was %s", c.object, c.what)
	for _, p := range c.parts {
		text += fmt.Sprintf(" (%s %q)", p.kind, p.name)
	}
	return text
}

// changes returns what is different in a later fingerprint, sorted.
func (f fingerprint) changes(later fingerprint) (all []change) {
	for o, now := range later {
		before, found := f[o]
		parts := partChanges(before.parts, now.parts)
		switch {
		case !found:
			all = append(all, change{object: o, what: "added"})
		case before.hash != now.hash || len(parts) > 0:
			all = append(all, change{object: o, what: "changed", parts: parts})
		}
	}
	for o := range f {
		if _, found := later[o]; !found {
			all = append(all, change{object: o, what: "dropped"})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return compareObjects(a.object, b.object) })
	return all
}

// partChanges returns what is different in the later parts of a table, sorted.
func partChanges(before, later map[string]part) (all []partChange) {
	names := maps.Clone(before)
	if names == nil {
		names = map[string]part{}
	}
	maps.Copy(names, later)
	for _, key := range slices.Sorted(maps.Keys(names)) {
		was, found := before[key]
		is, left := later[key]
		what := "changed"
		switch {
		case !found:
			what = "added"
		case !left:
			what = "dropped"
		case was.hash == is.hash:
			continue
		}
		kind, name, _ := strings.Cut(key, " ")
		all = append(all, partChange{kind, name, what, slices.Concat(was.columns, is.columns)})
	}
	return all
}
