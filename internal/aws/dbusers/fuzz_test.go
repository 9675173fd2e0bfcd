package dbusers

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzReadEvent: no event causes a panic, and the only valid command is apply.
func FuzzReadEvent(f *testing.F) {
	for _, s := range []string{`{"command":"apply"}`, `{"COMMAND":"apply"}`, `{"command":"apply"} `,
		`{"command":"apply"}{}`, `{"command":7}`, `[]`, `null`, "\xff", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if readEvent(text) != nil {
			return
		}
		var event map[string]string
		if err := json.Unmarshal(text, &event); err != nil || len(event) == 0 {
			t.Errorf("%q is taken: %v", text, err)
		}
	})
}

// FuzzPattern: no name of a database ends its quotes or matches other databases.
func FuzzPattern(f *testing.F) {
	for _, s := range []string{"slipway", "a_b", "a%", "a`b", "``", `a\`, `\_`, ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		inside := strings.TrimSuffix(strings.TrimPrefix(pattern(name), "`"), "`")
		if len(inside) != len(pattern(name))-2 || strings.Contains(strings.ReplaceAll(inside, "``", ""), "`") {
			t.Errorf("%q is quoted as %s", name, pattern(name))
		}
		for i := range len(inside) {
			if strings.IndexByte("_%", inside[i]) >= 0 {
				escapes := len(inside[:i]) - len(strings.TrimRight(inside[:i], `\`))
				if escapes%2 == 0 {
					t.Errorf("%q is quoted as %s, which stands for others", name, pattern(name))
				}
			}
		}
	})
}
