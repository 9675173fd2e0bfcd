package gateway_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"slipway/internal/gateway"
)

// authorized returns the result of [gateway.Authorized] in the handler.
func authorized(t testing.TB, event string) (caller gateway.Caller, known bool) {
	t.Helper()
	invoke(t, func(_ http.ResponseWriter, r *http.Request) { caller, known = gateway.Authorized(r.Context()) }, event)
	return caller, known
}

// The beginnings of events, up to the end of the request context.
const (
	payload2 = `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"},`
	url2     = `{"version":"2.0","rawPath":"/","requestContext":{"domainName":"a.lambda-url.eu-central-1.on.aws",` +
		`"http":{"method":"GET"},`
	payload1 = `{"version":"1.0","httpMethod":"GET","path":"/","requestContext":{`
	rest     = `{"httpMethod":"GET","path":"/","requestContext":{`
	alb      = `{"httpMethod":"GET","path":"/","requestContext":{"elb":{},`
)

// TestAuthorized: the caller is read from each type of authorizer of each gateway, as AWS documents them.
func TestAuthorized(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::123456789012:user/ada"
	claims := func(pairs ...any) gateway.Caller {
		m := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return gateway.Caller{Claims: m}
	}
	for name, c := range map[string]struct {
		event string
		want  gateway.Caller
		known bool
	}{
		"HTTP API: JWT": {payload2 + `"authorizer":{"jwt":{"claims":{"sub":"ada","scope":"read write","scp":"[a b]"},` +
			`"scopes":["write"]}}}}`,
			claims("sub", "ada", "scope", "read write", "scp", "[a b]"), true},
		"HTTP API: the scopes of the route are not the caller's": {
			payload2 + `"authorizer":{"jwt":{"claims":{"sub":"ada"},"scopes":["read","write"]}}}}`, claims("sub", "ada"), true},
		"HTTP API: Lambda": {payload2 + `"authorizer":{"lambda":{"scope":"read","n":{"a":[1]}}}}}`,
			claims("scope", "read", "n", map[string]any{"a": []any{1.0}}), true},
		"HTTP API: Lambda said nothing": {payload2 + `"authorizer":{"lambda":null}}}`, gateway.Caller{}, true},
		"HTTP API: IAM": {payload2 + `"authorizer":{"iam":{"accessKey":"AKIA","accountId":"1","callerId":"C",` +
			`"cognitoIdentity":null,"userArn":"` + arn + `","userId":"U"}}}}`,
			gateway.Caller{IAM: arn}, true},
		"HTTP API: none": {payload2 + `"stage":"$default"}}`, gateway.Caller{}, false},
		"HTTP API: null": {payload2 + `"authorizer":null}}`, gateway.Caller{}, false},
		"HTTP API: IAM by its id": {payload2 + `"authorizer":{"iam":{"userArn":null,"callerId":"C"}}}}`,
			gateway.Caller{IAM: "C"}, true},
		"HTTP API: no object":          {payload2 + `"authorizer":["read"]}}`, gateway.Caller{}, true},
		"HTTP API: JWT of nonsense":    {payload2 + `"authorizer":{"jwt":"read write"}}}`, gateway.Caller{}, true},
		"HTTP API: Lambda of nonsense": {payload2 + `"authorizer":{"lambda":5}}}`, gateway.Caller{}, true},
		"HTTP API: IAM of nonsense":    {payload2 + `"authorizer":{"iam":{"userArn":["x"]}}}}`, gateway.Caller{}, true},
		"REST API: no object":          {rest + `"authorizer":"read write"}}`, gateway.Caller{}, true},
		"function URL: IAM": {url2 + `"authorizer":{"iam":{"userArn":"` + arn + `"}},"authentication":null}}`,
			gateway.Caller{IAM: arn}, true},
		"function URL: open": {url2 + `"authorizer":null,"authentication":null,"accountId":"anonymous"}}`,
			gateway.Caller{}, false},
		"payload 1.0: JWT": {payload1 + `"authorizer":{"claims":{"sub":"ada","scope":"read"},` +
			`"scopes":["write"]}}}`, claims("sub", "ada", "scope", "read"), true},
		"payload 1.0: Lambda": {payload1 + `"authorizer":{"principalId":"ada","scope":"read",` +
			`"integrationLatency":12}}}`, claims("principalId", "ada", "scope", "read"), true},
		"payload 1.0: IAM": {payload1 + `"identity":{"userArn":"` + arn + `","accessKey":"AKIA"}}}`,
			gateway.Caller{IAM: arn}, true},
		"payload 1.0: none": {payload1 + `"authorizer":{"claims":null,"scopes":null},` +
			`"identity":{"userArn":null}}}`, gateway.Caller{}, false},
		"payload 1.0: scopes alone": {payload1 + `"authorizer":{"claims":null,"scopes":["read","write"]}}}`,
			gateway.Caller{}, false},
		"REST API: Cognito": {rest + `"authorizer":{"claims":{"sub":"ada","scope":"api/read"}}}}`,
			claims("sub", "ada", "scope", "api/read"), true},
		"REST API: Lambda": {rest + `"authorizer":{"principalId":"ada","scope":"read write",` +
			`"integrationLatency":3}}}`, claims("principalId", "ada", "scope", "read write"), true},
		"REST API: Lambda said nothing": {rest + `"authorizer":{"integrationLatency":3}}}`, gateway.Caller{}, true},
		"REST API: IAM": {rest + `"identity":{"userArn":"` + arn + `","accessKey":"AKIA","caller":"C"}}}`,
			gateway.Caller{IAM: arn}, true},
		"REST API: an access key alone": {rest + `"identity":{"accessKey":"AKIA","apiKey":"k"}}}`, gateway.Caller{}, false},
		"REST API: none":                {rest + `"stage":"dev"}}`, gateway.Caller{}, false},
		"load balancer: has none": {alb + `"authorizer":{"claims":{"scope":"read"},"iam":{"userArn":"x"}},` +
			`"identity":{"userArn":"x"}}}`, gateway.Caller{}, false},
		"load balancer: headers of a client": {alb + `"stage":""},"headers":{"x-amzn-oidc-identity":"ada",` +
			`"x-amzn-oidc-data":"e30.e30.e30","x-amzn-oidc-accesstoken":"x"}}`,
			gateway.Caller{}, false},
		"a client's headers": {payload2 + `"stage":"x"},"headers":{"authorizer":"{}","x-amzn-oidc-identity":"ada",` +
			`"authorization":"Bearer x"}}`, gateway.Caller{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, known := authorized(t, c.event)
			if !reflect.DeepEqual(got, c.want) || known != c.known {
				t.Errorf("%+v %v, want %+v %v", got, known, c.want, c.known)
			}
		})
	}
	if got, known := gateway.Authorized(context.Background()); known || got.Claims != nil || got.IAM != "" {
		t.Errorf("without a gateway: %+v", got)
	}
}

// FuzzAuthorized: no authorizer value causes a panic, and the claims are part of it. Behind a load balancer there are
// none.
func FuzzAuthorized(f *testing.F) {
	for _, said := range []string{
		`null`, `{}`, `[]`, `5`, `"read write"`, `{"jwt":5}`, `{"jwt":{"claims":[1]}}`,
		`{"jwt":{"claims":{"scope":{"a":null}}}}`, `{"lambda":[]}`,
		`{"iam":{"userArn":5}}`, `{"iam":{}}`, `{"claims":"x"}`, `{"claims":{"scope":["read"]}}`,
		`{"claims":null,"scopes":["read"]}`, `{"principalId":null}`,
		`{"jwt":{"claims":{"scope":"read"}},"lambda":{"scope":"write"},"iam":{"userArn":"x"}}`,
		`{"scope":{"scope":{"scope":"read"}}}`,
	} {
		f.Add(said)
	}
	f.Fuzz(func(t *testing.T, said string) {
		if !json.Valid([]byte(said)) {
			return
		}
		for _, shape := range []string{payload2, url2, payload1, rest, alb} {
			got, known := authorized(t, shape+`"authorizer":`+said+`}}`)
			if (len(got.Claims) > 0 || got.IAM != "") && (!known || shape == alb) {
				t.Errorf("%s: %+v, known: %v", shape, got, known)
			}
			var all any
			if err := json.Unmarshal([]byte(said), &all); err != nil {
				t.Fatal(err)
			}
			if len(got.Claims) > 0 && !holds(all, got.Claims) {
				t.Errorf("%s: %s is not in %s", shape, got.Claims, said)
			}
		}
	})
}

// holds reports whether value contains an object with all members.
func holds(value any, members map[string]any) bool {
	object, ok := value.(map[string]any)
	if !ok {
		return false
	}
	here := true
	for name, member := range members {
		here = here && reflect.DeepEqual(object[name], member)
	}
	return here || slices.ContainsFunc(slices.Collect(maps.Values(object)), func(v any) bool { return holds(v, members) })
}
