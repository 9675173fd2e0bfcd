package lint

import (
	"slices"
	"strings"
)

// head is what a statement is, by its words.
type head struct {
	// verb is its kind in capitals: "ALTER TABLE", "CREATE INDEX", "UPDATE".
	verb string
	// table is the first table that it names; "" where it names none.
	table string
	// where says whether an UPDATE or DELETE has a WHERE.
	where bool
	// algorithm and lock are the clauses ALGORITHM=… and LOCK=… of MySQL in capitals;
	// "" where they are not stated.
	algorithm, lock string
}

// between are words that may stand between a verb and what it is about.
var between = []string{"IF", "NOT", "EXISTS", "INTO", "FROM", "ONLY", "IGNORE", "LOW_PRIORITY", "DELAYED", "QUICK",
	"HIGH_PRIORITY", "OR", "TEMPORARY", "UNIQUE", "FULLTEXT", "SPATIAL"}

// readHead reads the words of a statement that say what it is about.
func readHead(ts []token) (h head) {
	ts = slices.DeleteFunc(slices.Clone(ts), func(t token) bool { return slices.ContainsFunc(between, t.is) })
	if len(ts) == 0 || ts[0].kind != aWord {
		return h
	}
	h.verb = strings.ToUpper(ts[0].text)
	about := 1
	switch h.verb {
	case "CREATE", "ALTER", "DROP", "RENAME":
		if len(ts) > 1 {
			h.verb += " " + strings.ToUpper(ts[1].text)
		}
		about = 2
		if strings.HasSuffix(h.verb, " INDEX") {
			if on := topLevel(ts, 2, "ON"); on < len(ts) {
				about = on + 1
			}
		}
	case "TRUNCATE":
		if len(ts) > 1 && ts[1].is("TABLE") {
			about = 2
		}
	}
	h.table = nameAt(ts, about)
	h.where = topLevel(ts, 0, "WHERE") < len(ts)
	h.algorithm, h.lock = clause(ts, "ALGORITHM"), clause(ts, "LOCK")
	return h
}

// nameAt returns the name that begins at a token, without the name of a database before
// it; "" where there is none.
func nameAt(ts []token, i int) string {
	if i+2 < len(ts) && ts[i+1].sym(".") {
		i += 2
	}
	if i >= len(ts) || !ts[i].name() {
		return ""
	}
	return ts[i].text
}

// clause returns the value of a clause such as ALGORITHM=INPLACE, in capitals.
func clause(ts []token, name string) string {
	i := topLevel(ts, 0, name)
	for i++; i < len(ts) && ts[i].sym("="); i++ {
	}
	if i >= len(ts) || ts[i].kind != aWord {
		return ""
	}
	return strings.ToUpper(ts[i].text)
}

// unnamed lists the constraints that CREATE TABLE or ALTER TABLE leaves to the database
// to name.
func unnamed(ts []token) (all []string) {
	for i, t := range ts {
		what := ""
		switch {
		case t.is("UNIQUE"):
			what = "A unique index"
		case t.is("FOREIGN"), t.is("REFERENCES") && !isTableConstraint(ts, i):
			what = "A foreign key"
		case t.is("CHECK"):
			what = "A check"
		}
		if what == "" || i+1 >= len(ts) || i > 0 && (ts[i-1].is("DROP") || ts[i-1].is("ALTER")) || named(ts, i) {
			continue
		}
		all = append(all, what)
	}
	return all
}

// named says whether a constraint whose word is at i has a name, before it or behind.
func named(ts []token, i int) bool {
	if i >= 2 && ts[i-2].is("CONSTRAINT") {
		return true
	}
	if !ts[i].is("UNIQUE") && !ts[i].is("FOREIGN") {
		return false
	}
	for i++; i < len(ts) && (ts[i].is("KEY") || ts[i].is("INDEX")); i++ {
	}
	return i < len(ts) && ts[i].name() && !ts[i].is("USING") && i+1 < len(ts) && (ts[i+1].sym("(") || ts[i+1].is("USING"))
}
