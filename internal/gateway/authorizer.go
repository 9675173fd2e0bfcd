package gateway

import (
	"cmp"
	"context"
	"encoding/json"
)

// authorizer has the fields of an event about the caller, unparsed.
type authorizer struct {
	kind    kind
	said    json.RawMessage // requestContext.authorizer
	userARN string          // requestContext.identity.userArn
}

// Caller is the caller of a request, as the gateway's authorizer determined it.
type Caller struct {
	// Claims are the claims of the verified token, or the context of a Lambda authorizer. In payload 2.0 every claim is a
	// string, and a list is "[a b]". Claims are nil if the authorizer returned none.
	Claims map[string]any
	// IAM identifies the signer of the request, usually by ARN, if IAM authorized it. Otherwise it is "".
	IAM string
}

// Authorized returns the caller of the request, and false if no authorizer checked the request. It never uses values
// that a client can set. A load balancer provides the caller in headers only (x-amzn-oidc-…), which a client can set if
// the listener has no authentication, so behind a load balancer the result is always false.
//
// It ignores the scopes beside the claims in an event of an HTTP API: they are the scopes that the route requires.
//
//   - https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
//   - https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
//   - https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
func Authorized(ctx context.Context) (Caller, bool) {
	f, known := ctx.Value(factsKey{}).(facts)
	a := f.authorizer
	if !known || a.kind == loadBalancer {
		return Caller{}, false
	}
	var said map[string]json.RawMessage
	if len(a.said) > 0 && json.Unmarshal(a.said, &said) != nil {
		return Caller{}, true // an invalid value counts as an authorizer without claims
	}
	if a.kind == httpAPI || a.kind == functionURL {
		return byPayload2(said)
	}
	return byPayload1(said, a.userARN)
}

// byPayload2 reads the authorizer of an HTTP API or a function URL. The name of the member is the type of the
// authorizer.
func byPayload2(said map[string]json.RawMessage) (Caller, bool) {
	var (
		token struct {
			Claims map[string]any `json:"claims"`
		}
		context map[string]any
		signer  struct {
			UserARN  string `json:"userArn"`
			CallerID string `json:"callerId"`
			UserID   string `json:"userId"`
		}
	)
	switch {
	case said["jwt"] != nil:
		if json.Unmarshal(said["jwt"], &token) != nil {
			return Caller{}, true
		}
		return Caller{Claims: token.Claims}, true
	case said["lambda"] != nil:
		if json.Unmarshal(said["lambda"], &context) != nil {
			return Caller{}, true
		}
		return Caller{Claims: context}, true
	case said["iam"] != nil:
		if json.Unmarshal(said["iam"], &signer) != nil {
			return Caller{}, true
		}
		return Caller{IAM: cmp.Or(signer.UserARN, signer.CallerID, signer.UserID)}, true
	}
	return Caller{}, len(said) > 0
}

// byPayload1 reads the authorizer of a REST API, or of an HTTP API with payload 1.0: the claims of a token, or the
// context of a Lambda authorizer together with members of the gateway. The signer of a request is userARN.
func byPayload1(said map[string]json.RawMessage, userARN string) (Caller, bool) {
	var claims map[string]any
	if json.Unmarshal(said["claims"], &claims) == nil && claims != nil {
		return Caller{Claims: claims}, true
	}
	context := map[string]any{}
	for name, raw := range said {
		var value any
		// An HTTP API without an authorizer sends null for claims and scopes.
		if json.Unmarshal(raw, &value) == nil && value != nil && name != "scopes" && name != "integrationLatency" {
			context[name] = value
		}
	}
	switch {
	case len(context) > 0:
		return Caller{Claims: context}, true
	case userARN != "":
		return Caller{IAM: userARN}, true
	}
	return Caller{}, said["integrationLatency"] != nil // a Lambda authorizer without context
}
