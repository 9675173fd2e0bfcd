package config_test

import (
	"strings"
	"testing"

	"slipway/internal/config"
)

// TestGrant checks that the users sign in with IAM tokens, or each with its own secret.
func TestGrant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		signIn, api, migrate string
		want                 config.Grant
		err                  string
	}{
		{"iam", "", "", config.Grant{ByIAM: true}, ""},
		{"secret", "a", "m", config.Grant{APISecretARN: "a", MigrateSecretARN: "m"}, ""},
		{"", "", "", config.Grant{}, `GRANT_SIGN_IN is "": it must be iam or secret`},
		{"IAM", "", "", config.Grant{}, `GRANT_SIGN_IN is "IAM"`},
		{"iam", "a", "", config.Grant{}, "IAM tokens require no secret"},
		{"iam", "", "m", config.Grant{}, "IAM tokens require no secret"},
		{"secret", "", "m", config.Grant{}, "set GRANT_API_SECRET_ARN and GRANT_MIGRATE_SECRET_ARN"},
		{"secret", "a", "", config.Grant{}, "set GRANT_API_SECRET_ARN and GRANT_MIGRATE_SECRET_ARN"},
		{"secret", "a", "a", config.Grant{}, "are the same"},
	} {
		env := map[string]string{"GRANT_SIGN_IN": c.signIn, "GRANT_API_SECRET_ARN": c.api,
			"GRANT_MIGRATE_SECRET_ARN": c.migrate}
		got, err := config.LoadGrant(func(name string) string { return env[name] })
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%v: %+v, %v", env, got, err)
		}
	}
}
