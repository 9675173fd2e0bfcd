package run

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// change is an object that two fingerprints do not have in common.
type change struct {
	object
	// what is "added", "changed" or "dropped".
	what string
	// columns are those of an index, before and after.
	columns []string
}

// changes returns what is different in a later fingerprint, sorted, each part after its
// table. The parts of a table that was added or dropped are left out.
func (f fingerprint) changes(later fingerprint) (all []change) {
	before, after := f.byObject(), later.byObject()
	for o, now := range after {
		was, found := before[o]
		switch _, both := before[o.whole()]; {
		case !found && (both || o == o.whole()):
			all = append(all, change{o, "added", now.Columns})
		case found && was.Hash != now.Hash:
			all = append(all, change{o, "changed", slices.Concat(was.Columns, now.Columns)})
		}
	}
	for o, was := range before {
		_, found := after[o]
		if _, both := after[o.whole()]; !found && (both || o == o.whole()) {
			all = append(all, change{o, "dropped", was.Columns})
		}
	}
	slices.SortFunc(all, func(a, b change) int {
		return cmp.Or(compareObjects(a.whole(), b.whole()), compareObjects(a.object, b.object))
	})
	return all
}

func (f fingerprint) byObject() map[object]entry {
	all := map[object]entry{}
	for _, e := range f {
		all[e.object] = e
	}
	return all
}

func compareObjects(a, b object) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Table, b.Table), cmp.Compare(a.Parent, b.Parent))
}

// list describes changes, those of a table together.
func list(changes []change) string {
	var texts []string
	var last object
	for _, c := range changes {
		of := c.whole()
		if of != last {
			what := c.what
			if of != c.object {
				what = "changed"
			}
			texts = append(texts, fmt.Sprintf("%s %q was %s", of.Kind, of.Name, what))
			last = of
		}
		if of != c.object {
			texts[len(texts)-1] += fmt.Sprintf(" (%s %q)", c.Kind, c.Name)
		}
	}
	return strings.Join(texts, ", ")
}
