package config

import (
	"errors"
	"fmt"
)

// Grant is what the environment says to functions/grant, beside [Config].
type Grant struct {
	// ByIAM is GRANT_SIGN_IN: true where it is iam, false where it is secret.
	ByIAM bool
	// APISecretARN and MigrateSecretARN are GRANT_API_SECRET_ARN and
	// GRANT_MIGRATE_SECRET_ARN, the secrets with the names and the passwords of the
	// two users. Empty where ByIAM is true.
	APISecretARN, MigrateSecretARN string
}

// LoadGrant reads the variables with getenv, which is os.Getenv outside tests. The
// error names the variable and what it may be.
func LoadGrant(getenv func(string) string) (Grant, error) {
	g := Grant{APISecretARN: getenv("GRANT_API_SECRET_ARN"), MigrateSecretARN: getenv("GRANT_MIGRATE_SECRET_ARN")}
	both, any := g.APISecretARN != "" && g.MigrateSecretARN != "", g.APISecretARN != "" || g.MigrateSecretARN != ""
	switch s := getenv("GRANT_SIGN_IN"); s {
	case "iam":
		if g.ByIAM = true; any {
			return Grant{}, errors.New("GRANT_SIGN_IN is iam, and GRANT_API_SECRET_ARN or GRANT_MIGRATE_SECRET_ARN is set: " +
				"tokens take no secret")
		}
	case "secret":
		if !both {
			return Grant{}, errors.New("GRANT_SIGN_IN is secret: set GRANT_API_SECRET_ARN and GRANT_MIGRATE_SECRET_ARN to the " +
				"ARNs of two secrets")
		}
		if g.APISecretARN == g.MigrateSecretARN {
			return Grant{}, errors.New("GRANT_API_SECRET_ARN and GRANT_MIGRATE_SECRET_ARN are the same: the two users have a " +
				"secret each")
		}
	default:
		return Grant{}, fmt.Errorf("GRANT_SIGN_IN is %q: it is iam or secret", s)
	}
	return g, nil
}
