package gateway

import (
	"cmp"
	"context"
	"encoding/json"
)

// authorizer is what an event says of who calls, as it says it: nobody may ask.
type authorizer struct {
	kind    kind
	said    json.RawMessage // requestContext.authorizer
	userARN string          // requestContext.identity.userArn
}

// Caller is who the gateway says a request is from.
type Caller struct {
	// Claims are those of the token that an authorizer has verified, or what a Lambda authorizer said: payload 2.0 has
	// every claim as a string, a list as "[a b]". An authorizer that said nothing leaves none.
	Claims map[string]any
	// IAM names who signed the request, by an ARN as a rule, where IAM let it in; else it is "".
	IAM string
}

// Authorized returns who the gateway's authorizer says the request is from, and false where no authorizer has looked
// at it. Nothing that a client can write is taken for that. A load balancer says it in headers only (x-amzn-oidc-…),
// which anyone can write where its listener has no action that does, so behind one it is always false.
//
// Of a token the claims alone count: the scopes that an HTTP API puts beside them are those that its route asks for.
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
		return Caller{}, true // what is not understood is an authorizer that said nothing
	}
	if a.kind == httpAPI || a.kind == functionURL {
		return byPayload2(said)
	}
	return byPayload1(said, a.userARN)
}

// byPayload2 reads the authorizer of an HTTP API or a function URL, under a name that says of which kind it is.
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

// byPayload1 reads the authorizer of a REST API, or of an HTTP API that sends payload 1.0: the claims of a token, or
// all that a Lambda authorizer said, side by side with what the gateway adds. Who signed a request stands elsewhere.
func byPayload1(said map[string]json.RawMessage, userARN string) (Caller, bool) {
	var claims map[string]any
	if json.Unmarshal(said["claims"], &claims) == nil && claims != nil {
		return Caller{Claims: claims}, true
	}
	context := map[string]any{}
	for name, raw := range said {
		var value any
		// An HTTP API without an authorizer has claims and scopes that are null.
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
	return Caller{}, said["integrationLatency"] != nil // it was asked, and said nothing
}
