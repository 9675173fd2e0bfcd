// Package credentials gives the name and the password that a database is signed
// in to with, where its URL does not: those of a secret in AWS Secrets Manager,
// or a token that is signed with the function's own IAM role.
//
// It carries little of the AWS SDK on purpose: the signer, and the token of RDS.
// The SDK's client for Secrets Manager and its configuration would add a sixth to
// the API's binary, for one request that has one field.
//
// It is the only room that may import the AWS SDK. It imports no other package: what it returns fits Options of the
// database room.
package credentials

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Source returns the name and the password for a new connection to the server at address, a host:port. The user is
// that of the URL, or "". The refused password is the one that the server has just not taken; at a first try it is
// "".
//
// The error says what failed, of which secret, and what to do about it; it never
// holds a password.
type Source func(ctx context.Context, address, user, refused string) (name, password string, err error)

// New returns what the environment asks for: the secret of an ARN, tokens where iam is true, or nil where it is
// neither and the URL says it all. It asks nobody for anything: that is for the first connection. The variables of
// AWS are read with getenv, which is os.Getenv outside tests.
//
// The error says which variable is wrong, and how it should read.
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

// Secret returns the name and the password of a secret, which a variable other than DATABASE_SECRET_ARN may name:
// errors speak of it. Like [New] it asks nobody yet.
func Secret(variable, secretARN string, getenv func(string) string) (Source, error) {
	s, err := newSecret(variable, secretARN, getenv)
	if err != nil {
		return nil, err
	}
	return s.signIn, nil
}

// role returns the keys of the role that the function runs as. Lambda puts them into its environment, and they hold
// for as long as the sandbox lives.
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
				"Lambda sets them; elsewhere do it with eval \"$(aws configure export-credentials --format env)\"")
		}
		return keys, nil
	})
}
