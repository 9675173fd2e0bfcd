package resource

import (
	"maps"
	"strings"
	"testing"

	gorm "gorm.io/gorm/schema"
)

// TestSettings checks that settings parses a tag like GORM.
func TestSettings(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{
		``, `size:80`, `size:80;not null`, `Size : 80; NOT NULL ;`, `default:'a\;b'`, `default:'a\\;b';size:3`,
		`default:'\"x\"'`,
		`default:'\\"'`, `default:a:b:c`, `;;`, `default:x\`, `a\;b\;c:d\;`, `default:  x  ;->`, `column:größe;default:'…'`,
	} {
		want := map[string]string{}
		for name, value := range gorm.ParseTagSetting(tag, ";") {
			if value == name { // GORM returns the name if there is no value
				value = ""
			}
			want[strings.ToLower(name)] = value
		}
		got := settings(tag)
		delete(got, "")
		if !maps.Equal(got, want) {
			t.Errorf("%s: %q, GORM has %q", tag, got, want)
		}
	}
}
