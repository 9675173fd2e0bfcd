package config_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestOrigins(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		"":                        nil,
		"  \t ":                   nil,
		"*":                       {"*"},
		" * ":                     {"*"},
		"https://app.example.com": {"https://app.example.com"},
		" https://app.example.com ,\thttp://localhost:5173 ": {"https://app.example.com", "http://localhost:5173"},
		"http://a,https://a,http://a:8080":                   {"http://a", "https://a", "http://a:8080"},
		"http://127.0.0.1:3000,http://[::1]:3000":            {"http://127.0.0.1:3000", "http://[::1]:3000"},
		"http://a:443,https://a:80":                          {"http://a:443", "https://a:80"},
		"http://a:65535":                                     {"http://a:65535"},
		"https://xn--bcher-kva.example":                      {"https://xn--bcher-kva.example"},
		"https://my_host.example":                            {"https://my_host.example"},
		"chrome-extension://abcdefghijklmnop":                {"chrome-extension://abcdefghijklmnop"},
	} {
		c, err := load(map[string]string{"CORS_ORIGINS": list})
		if err != nil || !slices.Equal(c.CORSOrigins, want) {
			t.Errorf("%q: %q, %v; want %q", list, c.CORSOrigins, err, want)
		}
	}
}

// TestRefusedOrigins checks that an origin that no browser sends is an error.
func TestRefusedOrigins(t *testing.T) {
	t.Parallel()
	const good = "https://app.example.com"
	for _, item := range []string{
		"null", // the origin of every sandboxed page
		"app.example.com",
		"//app.example.com",
		"https:app.example.com",
		"https:///app.example.com",
		"https://",
		"https://app.example.com/",
		"https://app.example.com/path",
		"https://app.example.com?query",
		"https://app.example.com#fragment",
		"https://*.example.com",
		"https://*",
		"https://app.example.com:*",
		"*.example.com",
		"**",
		"HTTPS://app.example.com",
		"Https://app.example.com",
		"https://App.example.com",
		"https://bücher.example",
		"https://app..example.com",
		"https://.example.com",
		"https://app.example.com.",
		"https://app.example.com:",
		"https://app.example.com:0",
		"https://app.example.com:080",
		"https://app.example.com:port",
		"https://app.example.com:65536",
		"https://app.example.com:99999999999999999999",
		"https://app.example.com:443",
		"http://app.example.com:80",
		"http://::1",
		"http://[::1",
		"http://[fe80::1%25eth0]",
		"http://[0:0::1]",
		"http://[1]",
		"https://a b",
		"https://a;https://b",
		"https://a\nhttps://b",
		"https://a%2eb",
		`"https://app.example.com"`,
		"file://",
		"javascript:alert(1)",
		"", // an extra comma
	} {
		for _, list := range []string{item, good + "," + item, item + " , " + good} {
			if item == "" && list == item {
				continue // no origins: valid
			}
			_, err := load(map[string]string{"CORS_ORIGINS": list})
			if err == nil {
				t.Errorf("%q: no error", list)
				continue
			}
			quoted := strings.Trim(strings.ReplaceAll(item, "\n", `\n`), `"`)
			for _, want := range []string{"CORS_ORIGINS has ", quoted, "scheme://host:port", "* alone"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q: %v\nlacks %q", list, err, want)
				}
			}
		}
	}
	for list, want := range map[string]string{
		good + "," + good:              `CORS_ORIGINS has "` + good + `" twice`,
		good + ", http://b , " + good:  `CORS_ORIGINS has "` + good + `" twice`,
		"*,*":                          `CORS_ORIGINS has "*" twice`,
		"*," + good:                    `CORS_ORIGINS has "*" and other origins`,
		good + ",*":                    `CORS_ORIGINS has "*" and other origins`,
		"mysql://u:s3cr3t@h:3306/app":  `CORS_ORIGINS has "…@h:3306/app"`,
		"https://u:s3cr3t@example.com": `CORS_ORIGINS has "…@example.com"`,
	} {
		if _, err := load(map[string]string{"CORS_ORIGINS": list}); err == nil || !strings.HasPrefix(err.Error(), want) ||
			strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q: %v\nwant %s", list, err, want)
		}
	}
}

// FuzzOrigins checks that a valid list is * alone or distinct origins that net/url parses,
// and that an error is one line with the name of the variable.
func FuzzOrigins(f *testing.F) {
	for _, s := range []string{"", "*", "*,*", "null", "https://a.b", " http://a:1 , https://[::1]:2", "https://a:443",
		"https://a/", "https://u:p@h", "https://*.a", ",", "http://a:080", "a://b.c-d_e:65536", "a://[0]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		c, err := load(map[string]string{"CORS_ORIGINS": list})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "CORS_ORIGINS has ") || strings.Contains(err.Error(), "\n") ||
				c.CORSOrigins != nil {
				t.Errorf("%q: %v, %q", list, err, c.CORSOrigins)
			}
			return
		}
		again, err := load(map[string]string{"CORS_ORIGINS": strings.Join(c.CORSOrigins, ",")})
		if err != nil || !slices.Equal(again.CORSOrigins, c.CORSOrigins) {
			t.Errorf("%q: %q, and parsed again %q, %v", list, c.CORSOrigins, again.CORSOrigins, err)
		}
		if slices.Equal(c.CORSOrigins, []string{"*"}) {
			return
		}
		for i, origin := range c.CORSOrigins {
			u, err := url.Parse(origin)
			if err != nil || u.Hostname() == "" || u.String() != origin ||
				(&url.URL{Scheme: u.Scheme, Host: u.Host}).String() != origin ||
				strings.ToLower(origin) != origin || strings.ContainsAny(origin, "* @,") ||
				slices.Contains(c.CORSOrigins[:i], origin) {
				t.Errorf("%q: invalid origin %q (%v)", list, origin, err)
			}
		}
	})
}
