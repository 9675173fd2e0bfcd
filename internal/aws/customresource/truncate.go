package customresource

import "strings"

// maxPart is the maximum length of an error or a statement in a reason, in bytes.
const maxPart = 1000

// Short returns text as one line of at most maxPart bytes, without a final period or semicolon.
func Short(text string) string {
	text = strings.TrimRight(strings.Join(strings.Fields(text), " "), ".;")
	return truncate(text, maxPart)
}

// truncate returns at most n bytes of text, without a partial character.
func truncate(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:max(n-len("…"), 0)], "") + "…"
}
