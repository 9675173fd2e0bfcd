package credentials

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	// maxAnswer is more than a secret of 64 KiB takes, escaped or not.
	maxAnswer = 1 << 20
	// retryAfter is the pause before the one more try that a busy service gets.
	retryAfter = 200 * time.Millisecond
)

// domains are where the endpoints of a partition are.
//
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var domains = map[string]string{"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}

// aRegion keeps what goes into the name of a host to what a region can be.
var aRegion = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)

// client asks Secrets Manager for one secret.
type client struct {
	arn, region, endpoint string
	keys                  aws.CredentialsProvider
	signer                *v4.Signer
	http                  *http.Client
}

// newClient reads the ARN and where the service is. The error does not repeat an
// ARN that is none: the secret itself may have been put there.
func newClient(variable, secretARN string, getenv func(string) string) (*client, error) {
	a, err := arn.Parse(secretARN)
	name, isSecret := strings.CutPrefix(a.Resource, "secret:")
	if err != nil || a.Service != "secretsmanager" || !aRegion.MatchString(a.Region) || a.AccountID == "" ||
		!isSecret || name == "" || strings.ContainsFunc(secretARN, unprintable) {
		return nil,
			fmt.Errorf("%s is not the ARN of a secret: it reads arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME", variable)
	}
	endpoint, err := endpointOf(variable, a, getenv)
	if err != nil {
		return nil, err
	}
	return &client{
		arn: secretARN, region: a.Region, endpoint: endpoint, keys: role(getenv), signer: v4.NewSigner(),
		// A call at the start and one after each rotation: no connection is kept.
		http: &http.Client{
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func unprintable(r rune) bool { return r <= ' ' || r > '~' }

// endpointOf is where Secrets Manager answers, for those of a region and for those
// who name another one by the variables of the AWS SDKs.
//
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func endpointOf(variable string, a arn.ARN, getenv func(string) string) (string, error) {
	if getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") != "true" {
		for _, variable := range []string{"AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"} {
			text := getenv(variable)
			if text == "" {
				continue
			}
			u, err := url.Parse(text)
			if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
				return "", fmt.Errorf("%s is not the URL of a service: it reads https://HOST", variable)
			}
			return u.String(), nil
		}
	}
	domain, known := domains[a.Partition]
	if !known {
		return "", fmt.Errorf("%s is of the partition %q: set AWS_ENDPOINT_URL_SECRETS_MANAGER to where Secrets Manager "+
			"answers there", variable, a.Partition)
	}
	return "https://secretsmanager." + a.Region + "." + domain + "/", nil
}

// fetch returns the text of the secret. A service that is busy, or at fault itself, is asked once more.
func (c *client) fetch(ctx context.Context) (string, error) {
	text, again, err := c.try(ctx)
	if !again {
		return text, err
	}
	select {
	case <-time.After(retryAfter):
		text, _, err = c.try(ctx)
		return text, err
	case <-ctx.Done():
		return "", err
	}
}

// try sends GetSecretValue; again says that it is worth another try.
//
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func (c *client) try(ctx context.Context) (text string, again bool, err error) {
	keys, err := c.keys.Retrieve(ctx)
	if err != nil {
		return "", false, err
	}
	body, err := json.Marshal(map[string]string{"SecretId": c.arn})
	if err != nil {
		return "", false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return "", false, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	sum := sha256.Sum256(body)
	if err := c.signer.SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), "secretsmanager", c.region,
		time.Now()); err != nil {
		return "", false, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return "", ctx.Err() == nil, c.unreachable(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", ctx.Err() == nil, c.unreachable(err)
	}
	if response.StatusCode != http.StatusOK {
		refusal := readRefusal(response.StatusCode, answer)
		return "", refusal.passing(), refusal
	}
	var value struct{ SecretString *string }
	// The error of the decoder could show a part of the secret.
	if json.Unmarshal(answer, &value) != nil {
		return "", false, errors.New("the answer of Secrets Manager is not what it documents")
	}
	if value.SecretString == nil {
		return "", false, errors.New(`its value is binary, or there is none: it has to be the text {"username": "…", ` +
			`"password": "…"}`)
	}
	return *value.SecretString, false, nil
}

// unreachable says what keeps a function from a service, most of the time.
func (c *client) unreachable(err error) error {
	return fmt.Errorf("no answer from Secrets Manager: %w: in a VPC it takes an interface endpoint for secretsmanager, "+
		"or a NAT gateway, and a security group that lets HTTPS through", err)
}
