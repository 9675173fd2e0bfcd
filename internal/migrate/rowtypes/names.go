package rowtypes

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/jinzhu/inflection"
)

// names is the set of used names in a scope.
type names map[string]bool

// take returns the first unused candidate. If all are used, it appends a number from 2 to
// the last one. It adds the result to the set.
func (n names) take(candidates ...string) string {
	name := candidates[len(candidates)-1]
	for i, c := range candidates {
		if !n[c] {
			name = candidates[i]
			break
		}
	}
	free := name
	for i := 2; n[free]; i++ {
		free = name + strconv.Itoa(i)
	}
	n[free] = true
	return free
}

// initialisms are the words that Go names write in capitals (go.dev/wiki/CodeReviewComments#initialisms).
var initialisms = words("ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON LHS QPS RAM RHS RPC SLA SMTP " +
	"SQL SSH TCP TLS TTL UDP UI UID URI URL UTF8 UUID VM XML XMPP XSRF XSS")

func words(list string) names {
	set := names{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// goName returns the exported Go name for a name in the database: user_id → UserID. usual
// is false if it removed characters other than separators of words, or added one.
func goName(name string) (exported string, usual bool) {
	parts, whole := split(name)
	for i, part := range parts {
		parts[i] = capitalized(part)
	}
	exported = strings.Join(parts, "")
	if exported == "" || !unicode.IsUpper([]rune(exported)[0]) {
		return "X" + exported, false
	}
	return exported, whole
}

// singularName returns the Go name of the row type of a table: order_items → OrderItem.
// usual is the same as for [goName].
func singularName(table string) (exported string, usual bool) {
	parts, _ := split(table)
	if len(parts) == 0 {
		return goName(table)
	}
	last := parts[len(parts)-1]
	if one := inflection.Singular(strings.ToLower(last)); one != "" {
		parts[len(parts)-1] = one
	}
	exported, _ = goName(strings.Join(parts, "_"))
	_, usual = goName(table)
	return exported, usual
}

// split splits a name into words: at characters other than letters and digits, and at
// capitals that start a word, as in createdAt and HTTPPort. whole is true if it removed only
// _, - and spaces.
func split(name string) (parts []string, whole bool) {
	whole = true
	var word []rune
	end := func() {
		if len(word) > 0 {
			parts, word = append(parts, string(word)), nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			whole = whole && strings.ContainsRune("_- ", r)
			end()
			continue
		case unicode.IsUpper(r) && i > 0:
			before := runes[i-1]
			beginsWord := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if unicode.IsLower(before) || unicode.IsDigit(before) || unicode.IsUpper(before) && beginsWord {
				end()
			}
		}
		word = append(word, r)
	}
	end()
	return parts, whole
}

// capitalized returns a word as a part of a Go name: id → ID, ids → IDs, NAME → Name.
func capitalized(word string) string {
	upper := strings.ToUpper(word)
	one, many := strings.CutSuffix(upper, "S")
	switch {
	case initialisms[upper]:
		return upper
	case many && initialisms[one]:
		return one + "s"
	}
	runes := []rune(strings.ToLower(word))
	return string(unicode.ToUpper(runes[0])) + string(runes[1:])
}

// notInPath reports whether a character is invalid in the path of a table or a relation. A
// table may have blanks between words.
func notInPath(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-$", r)
}

func hasNotInPath(s string) bool { return strings.ContainsFunc(s, notInPath) }

// inPath returns a name with _ instead of characters that are invalid in a path.
func inPath(name string) string {
	return strings.Map(func(r rune) rune {
		if notInPath(r) {
			return '_'
		}
		return r
	}, name)
}

// notInParameter reports whether a character is invalid in the name of a column. The name is
// a parameter, and an item of the lists in sort and fields. GORM splits names at dots and
// backquotes, and databases treat ? and @ as parameters.
func notInParameter(r rune) bool {
	return strings.ContainsRune(",[]\"\\.`?@", r) || !unicode.IsPrint(r)
}
