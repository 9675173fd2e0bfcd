package config_test

import (
	"slices"
	"strings"
	"testing"

	"slipway/internal/config"
)

func TestAuth(t *testing.T) {
	t.Parallel()
	const issuer = "https://login.example.com/"
	for _, c := range []struct {
		name string
		env  map[string]string
		want config.Config
	}{
		{"nothing", nil, config.Config{}},
		{"required", map[string]string{"AUTH": "required"}, config.Config{Auth: config.AuthRequired}},
		{"off", map[string]string{"AUTH": "off"}, config.Config{Auth: config.AuthOff}},
		{"an issuer requires authentication", map[string]string{"AUTH_ISSUER": issuer, "AUTH_AUDIENCE": "api"},
			config.Config{Auth: config.AuthRequired, AuthIssuer: issuer, AuthAudience: []string{"api"}}},
		{"an issuer, but off", map[string]string{"AUTH": "off", "AUTH_ISSUER": issuer, "AUTH_AUDIENCE": "api"},
			config.Config{Auth: config.AuthOff, AuthIssuer: issuer, AuthAudience: []string{"api"}}},
		{"several audiences", map[string]string{"AUTH_ISSUER": issuer, "AUTH_AUDIENCE": " https://api.example.com ,4f2a"},
			config.Config{Auth: config.AuthRequired, AuthIssuer: issuer,
				AuthAudience: []string{"https://api.example.com", "4f2a"}}},
		{"http on loopback", map[string]string{"AUTH_ISSUER": "http://127.0.0.1:8080/realms/a", "AUTH_AUDIENCE": "api"},
			config.Config{Auth: config.AuthRequired, AuthIssuer: "http://127.0.0.1:8080/realms/a",
				AuthAudience: []string{"api"}}},
		{"a prefix", map[string]string{"AUTH_SCOPE_PREFIX": "https://api.example.com/"},
			config.Config{AuthScopePrefix: "https://api.example.com/"}},
	} {
		got, err := load(c.env)
		if err != nil || got.Auth != c.want.Auth || got.AuthIssuer != c.want.AuthIssuer ||
			!slices.Equal(got.AuthAudience, c.want.AuthAudience) || got.AuthScopePrefix != c.want.AuthScopePrefix {
			t.Errorf("%s: %+v %v, want %+v", c.name, got, err, c.want)
		}
	}
}

// TestRefusedAuth checks that errors name the variable, and do not contain a password.
func TestRefusedAuth(t *testing.T) {
	t.Parallel()
	for variable, values := range map[string][]string{
		"AUTH": {"on", "true", "none", "OFF", "Required", " off"},
		"AUTH_ISSUER": {"login.example.com", "http://login.example.com", "https://", "https:///x", "ftp://a", "https://a?b",
			"https://a#b", "https://a?",
			"https://u:s3cr3t@login.example.com", "http://127.0.0.1.example.com", "://", "javascript:alert(1)", "https://a b",
			"http://[::2]"},
		"AUTH_AUDIENCE":     {",", "a,", "a,,b", "a,a", " ", "a, a"},
		"AUTH_SCOPE_PREFIX": {"a b", `a"b`, `a\b`, "ä", "a\n", "\t"},
	} {
		for _, value := range values {
			env := map[string]string{"AUTH_ISSUER": "https://a", "AUTH_AUDIENCE": "b"}
			env[variable] = value
			if _, err := load(env); err == nil || !strings.HasPrefix(err.Error(), variable+" is ") ||
				strings.Contains(err.Error(), "s3cr3t") ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%q: %v", variable, value, err)
			}
		}
	}
	for _, env := range []map[string]string{{"AUTH_ISSUER": "https://a"}, {"AUTH_AUDIENCE": "b"},
		{"AUTH": "off", "AUTH_AUDIENCE": "b"}} {
		if _, err := load(env); err == nil || !strings.Contains(err.Error(), "set both or neither") {
			t.Errorf("%v: %v", env, err)
		}
	}
}
