// Package credentials provides the user name and the password of a database from a secret in AWS Secrets Manager, or as
// an IAM token that the role of the function signs.
//
// It uses only the signer and the RDS tokens of the AWS SDK. The SDK's client for Secrets Manager and its configuration
// would increase the size of the API's binary by a sixth.
//
// It is the only package that may import the AWS SDK. It may not import other packages of slipway. A [Source] can be
// used as Credentials of database.Config.
package credentials

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Source returns the user name and the password for a new connection to the server at address, a host:port. user is the
// user in the URL, or "". refused is the password that the server has just rejected; it is "" for the first attempt.
//
// The error names the secret and the cause, and says what to do. It never contains a password.
type Source func(ctx context.Context, address, user, refused string) (name, password string, err error)

// New returns the source for the environment: the secret secretARN, IAM tokens if iam is true, or nil if neither is set
// and the URL contains the credentials. It makes no request; the first connection does. It reads the variables of AWS
// with getenv (os.Getenv outside tests).
//
// The error names the invalid variable and says how to set it.
func New(secretARN string, iam bool, getenv func(string) string) (Source, error) {
	switch {
	case secretARN != "" && iam:
		return nil, errors.New("DATABASE_SECRET_ARN is set and DATABASE_IAM_AUTH is true: they are two ways to sign in, " +
			"keep one of them")
	case secretARN != "":
		return Secret("DATABASE_SECRET_ARN", secretARN, getenv)
	case iam:
		return newToken(getenv)
	}
	return nil, nil
}

// Secret returns the source for a secret. variable is the name of the environment variable with the ARN, for errors. As
// [New], it makes no request.
func Secret(variable, secretARN string, getenv func(string) string) (Source, error) {
	s, err := newSecret(variable, secretARN, getenv)
	if err != nil {
		return nil, err
	}
	return s.signIn, nil
}

// role returns the keys of the function's role from the environment. They are valid for the lifetime of the sandbox.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func role(getenv func(string) string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		keys := aws.Credentials{
			AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
			SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken:    getenv("AWS_SESSION_TOKEN"),
		}
		if !keys.HasKeys() {
			return aws.Credentials{}, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: " +
				"Lambda sets them; outside Lambda run eval \"$(aws configure export-credentials --format env)\"")
		}
		return keys, nil
	})
}
