package config_test

import (
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"slipway/internal/config"
)

func load(env map[string]string) (config.Config, error) {
	return config.Load(func(name string) string { return env[name] })
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := load(nil)
	want := config.Config{Addr: "127.0.0.1:3000", LogLevel: slog.LevelInfo, MaxBodyBytes: 1048576}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	got, err := load(map[string]string{"DATABASE_URL": "sqlite://x", "DATABASE_READER_URL": "sqlite://y", "ADDR": ":80",
		"DATABASE_SECRET_ARN": "arn:x", "DATABASE_IAM_AUTH": "true",
		"LOG_LEVEL": "warn", "MAX_BODY_BYTES": "10", "CORS_ORIGINS": "https://app.example.com, http://localhost:5173"})
	want := config.Config{DatabaseURL: "sqlite://x", DatabaseReaderURL: "sqlite://y", DatabaseSecretARN: "arn:x",
		DatabaseIAMAuth: true, Addr: ":80",
		LogLevel: slog.LevelWarn, MaxBodyBytes: 10, CORSOrigins: []string{"https://app.example.com", "http://localhost:5173"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
}

// TestRefused checks that errors name the variable and its value.
func TestRefused(t *testing.T) {
	t.Parallel()
	for variable, values := range map[string][]string{
		"DATABASE_IAM_AUTH": {"yes", "1", "TRUE"},
		"LOG_LEVEL":         {"loud", "INFO", "0"},
		"MAX_BODY_BYTES":    {"0", "-1", "1MB", "1e6", "99999999999999999999"},
	} {
		for _, value := range values {
			if _, err := load(map[string]string{variable: value}); err == nil || !strings.Contains(err.Error(), variable) ||
				!strings.Contains(err.Error(), value) {
				t.Errorf("%s=%s: %v", variable, value, err)
			}
		}
	}
}
