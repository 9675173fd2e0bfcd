package config

import (
	"errors"
	"fmt"
)

// Grant is the configuration of the function that creates database users, in addition to
// [Config].
type Grant struct {
	// ByIAM is true if GRANT_SIGN_IN is iam, and false if it is secret.
	ByIAM bool
	// APISecretARN and MigrateSecretARN are GRANT_API_SECRET_ARN and
	// GRANT_MIGRATE_SECRET_ARN, the secrets with the usernames and passwords of the two
	// users. They are empty if ByIAM is true.
	APISecretARN, MigrateSecretARN string
}

// LoadGrant reads the variables with getenv, such as [os.Getenv]. The error names the
// invalid variable and its valid values.
func LoadGrant(getenv func(string) string) (Grant, error) {
	g := Grant{APISecretARN: getenv("GRANT_API_SECRET_ARN"), MigrateSecretARN: getenv("GRANT_MIGRATE_SECRET_ARN")}
	both, any := g.APISecretARN != "" && g.MigrateSecretARN != "", g.APISecretARN != "" || g.MigrateSecretARN != ""
	switch s := getenv("GRANT_SIGN_IN"); s {
	case "iam":
		if g.ByIAM = true; any {
			return Grant{}, errors.New("GRANT_SIGN_IN is iam, but GRANT_API_SECRET_ARN or GRANT_MIGRATE_SECRET_ARN is set: " +
				"unset them, because IAM tokens require no secret")
		}
	case "secret":
		if !both {
			return Grant{}, errors.New("GRANT_SIGN_IN is secret: set GRANT_API_SECRET_ARN and GRANT_MIGRATE_SECRET_ARN to the " +
				"ARNs of two secrets")
		}
		if g.APISecretARN == g.MigrateSecretARN {
			return Grant{}, errors.New("GRANT_API_SECRET_ARN and GRANT_MIGRATE_SECRET_ARN are the same: each of the two users " +
				"must have its own secret")
		}
	default:
		return Grant{}, fmt.Errorf("GRANT_SIGN_IN is %q: it must be iam or secret", s)
	}
	return g, nil
}
