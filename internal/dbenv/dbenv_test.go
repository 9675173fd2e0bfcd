package dbenv_test

import (
	"strings"
	"testing"

	"slipway/internal/config"
	"slipway/internal/dbenv"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	env := map[string]string{"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
	const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:slipway"
	for name, c := range map[string]struct {
		config      config.Config
		credentials bool
		err         string
	}{
		"the URL says it all": {config: config.Config{}},
		"a secret":            {config: config.Config{DatabaseSecretARN: arn}, credentials: true},
		"tokens":              {config: config.Config{DatabaseIAMAuth: true}, credentials: true},
		"both": {config: config.Config{DatabaseSecretARN: arn, DatabaseIAMAuth: true},
			err: "keep one of them"},
		"not an ARN": {config: config.Config{DatabaseSecretARN: "hunter2"}, err: "DATABASE_SECRET_ARN"},
	} {
		c.config.DatabaseURL, c.config.DatabaseReaderURL = "mysql://u@h/app", "mysql://u@r/app"
		got, err := dbenv.Config(c.config, func(name string) string { return env[name] })
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: %v, want %q", name, err, c.err)
			}
			continue
		}
		if err != nil || got.URL != "mysql://u@h/app" || got.ReaderURL != "mysql://u@r/app" ||
			(got.Credentials != nil) != c.credentials || got.Token != c.config.DatabaseIAMAuth {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
