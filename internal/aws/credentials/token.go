package credentials

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"
)

// newToken returns a source of IAM tokens. A token is valid for 15 minutes. Creating one needs no request, so each
// connection gets its own.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
func newToken(getenv func(string) string) (Source, error) {
	region := getenv("AWS_REGION")
	if region == "" {
		region = getenv("AWS_DEFAULT_REGION")
	}
	if region == "" {
		return nil, errors.New("DATABASE_IAM_AUTH is true, but AWS_REGION is not set: set it to the region of the database " +
			"(Lambda sets it)")
	}
	keys := role(getenv)
	return func(ctx context.Context, address, user, _ string) (string, string, error) {
		token, err := auth.BuildAuthToken(ctx, address, region, user, keys)
		if err != nil {
			return "", "", fmt.Errorf("cannot create an IAM token for the database at %s: %w", address, err)
		}
		return user, token, nil
	}, nil
}
