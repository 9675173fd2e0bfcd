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
	// maxResponse is the maximum size of a response. A secret has at most 64 KiB before escaping.
	maxResponse = 1 << 20
	// retryAfter is the pause before the only retry.
	retryAfter = 200 * time.Millisecond
)

// domains are the domains of the endpoints, by partition.
//
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var domains = map[string]string{"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}

// aRegion matches a valid region. Other values must not become part of a host name.
var aRegion = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)

// client reads one secret from Secrets Manager.
type client struct {
	arn, region, endpoint string
	keys                  aws.CredentialsProvider
	signer                *v4.Signer
	http                  *http.Client
}

// newClient parses the ARN and finds the endpoint. The error does not contain an invalid ARN, which may be the secret
// itself.
func newClient(variable, secretARN string, getenv func(string) string) (*client, error) {
	a, err := arn.Parse(secretARN)
	name, isSecret := strings.CutPrefix(a.Resource, "secret:")
	if err != nil || a.Service != "secretsmanager" || !aRegion.MatchString(a.Region) || a.AccountID == "" ||
		!isSecret || name == "" || strings.ContainsFunc(secretARN, unprintable) {
		return nil,
			fmt.Errorf("%s is not the ARN of a secret: use arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME", variable)
	}
	endpoint, err := endpointOf(variable, a, getenv)
	if err != nil {
		return nil, err
	}
	return &client{
		arn: secretARN, region: a.Region, endpoint: endpoint, keys: role(getenv), signer: v4.NewSigner(),
		// Requests are rare (one at the start, and one after each rotation), so connections are not kept.
		http: &http.Client{
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func unprintable(r rune) bool { return r <= ' ' || r > '~' }

// endpointOf returns the endpoint of Secrets Manager for the region of the ARN, or the endpoint in the variables of the
// AWS SDKs.
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
				return "", fmt.Errorf("%s is not the URL of a service: use https://HOST", variable)
			}
			return u.String(), nil
		}
	}
	domain, known := domains[a.Partition]
	if !known {
		return "", fmt.Errorf("%s has the unknown partition %q: set AWS_ENDPOINT_URL_SECRETS_MANAGER to the endpoint of "+
			"Secrets Manager", variable, a.Partition)
	}
	return "https://secretsmanager." + a.Region + "." + domain + "/", nil
}

// fetch returns the text of the secret. It retries once after a temporary error.
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

// try sends GetSecretValue. again reports whether a retry may succeed.
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
	content, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return "", ctx.Err() == nil, c.unreachable(err)
	}
	if response.StatusCode != http.StatusOK {
		refusal := readRefusal(response.StatusCode, content)
		return "", refusal.temporary(), refusal
	}
	var value struct{ SecretString *string }
	// The error of the decoder could contain a part of the secret.
	if json.Unmarshal(content, &value) != nil {
		return "", false, errors.New("the response of Secrets Manager is invalid")
	}
	if value.SecretString == nil {
		return "", false, errors.New(`its value is binary or missing: it must be the text {"username": "…", ` +
			`"password": "…"}`)
	}
	return *value.SecretString, false, nil
}

// unreachable adds the most common causes to a network error.
func (c *client) unreachable(err error) error {
	return fmt.Errorf("cannot reach Secrets Manager: %w: a VPC needs an interface endpoint for secretsmanager, "+
		"or a NAT gateway, and a security group that allows HTTPS", err)
}
