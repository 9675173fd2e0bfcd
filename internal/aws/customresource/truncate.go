package customresource

import "strings"

// maxPart is how much is shown of an error, or of a statement.
const maxPart = 1000

// Short makes a text one line of bearable length, without a stop at its end.
func Short(text string) string {
	text = strings.TrimRight(strings.Join(strings.Fields(text), " "), ".;")
	return cut(text, maxPart)
}

// cut ends a text after n bytes, between two characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:max(n-len("…"), 0)], "") + "…"
}
