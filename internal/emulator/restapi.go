package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// restAPI is an API Gateway REST API with a Lambda proxy integration (payload 1.0). It has no binaryMediaTypes, so
// bodies are text in both directions.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
type restAPI struct{}

// event1 is an event of payload 1.0. A missing body is null, which the type of the library does not support.
type event1 struct {
	events.APIGatewayProxyRequest
	Body            *string `json:"body"`
	IsBase64Encoded bool    `json:"isBase64Encoded"`
}

// restStage is the stage of the custom domain.
const restStage = "prod"

func (restAPI) id(c *call) string { return c.long }

// event returns the event of a request: the path as the client sent it, headers and decoded parameters with all values
// and with the last value of each.
func (restAPI) event(c *call) (any, error) {
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
	if strings.ContainsAny(c.r.URL.RawQuery, "|{}") {
		return nil, &refused{badRequest, "a REST API rejects the characters |, {, and } in a query: escape them"}
	}
	stage, base := restStage, ""
	if c.stage != "" {
		stage, base = c.stage, "/"+c.stage
	}
	template, matched := route(c.encoded)
	e := event1{APIGatewayProxyRequest: events.APIGatewayProxyRequest{
		Resource: template, Path: c.encoded, HTTPMethod: c.r.Method, PathParameters: matched,
		Headers: map[string]string{}, MultiValueHeaders: c.header,
		RequestContext: events.APIGatewayProxyRequestContext{
			AccountID: account, ResourceID: "proxy0", ResourcePath: template, Stage: stage, APIID: domain,
			DomainName: domain, DomainPrefix: domain, RequestID: c.long, ExtendedRequestID: c.short, Protocol: c.r.Proto,
			Path: base + c.encoded, HTTPMethod: c.r.Method,
			RequestTime: c.at.Format(timeLayout), RequestTimeEpoch: c.at.UnixMilli(),
			Identity: events.APIGatewayRequestIdentity{SourceIP: c.ip, UserAgent: c.r.UserAgent()},
		},
	}}
	c.header.Del("Content-Length") // a REST API does not pass it on
	for name, values := range c.header {
		e.Headers[name] = values[len(values)-1]
	}
	// A semicolon is a separator, too: see the known issues above.
	for _, p := range parameters(c.r.URL.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		if e.QueryStringParameters == nil {
			e.QueryStringParameters, e.MultiValueQueryStringParameters = map[string]string{}, map[string][]string{}
		}
		e.QueryStringParameters[p.name] = p.value
		e.MultiValueQueryStringParameters[p.name] = append(e.MultiValueQueryStringParameters[p.name], p.value)
	}
	if len(c.body) > 0 {
		text := string(c.body) // invalid UTF-8 is lost, as in AWS
		e.Body = &text
	}
	if c.claims != nil {
		e.RequestContext.Authorizer = map[string]any{"claims": claims1(c.claims)}
	}
	return e, nil
}

// remapped are headers of a response that a REST API renames.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
var remapped = []string{"Connection", "Content-Length", "Date", "Server", "Www-Authenticate"}

// response converts a result. A result without statusCode is malformed.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html
func (restAPI) response(c *call, out []byte) (*response, error) {
	var result events.APIGatewayProxyResponse
	if err := json.Unmarshal(out, &result); err != nil {
		return nil, err
	}
	if result.StatusCode < 200 || result.StatusCode > 599 {
		return nil, fmt.Errorf("invalid statusCode %d", result.StatusCode)
	}
	named := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(result.MultiValueHeaders)) {
		for _, value := range result.MultiValueHeaders[name] {
			named.Add(name, value)
		}
	}
	// The two lists are merged without duplicates.
	for _, name := range slices.Sorted(maps.Keys(result.Headers)) {
		if value := result.Headers[name]; !slices.Contains(named.Values(name), value) {
			named.Add(name, value)
		}
	}
	header := c.restHeader()
	for _, name := range remapped {
		if values := named[name]; values != nil {
			header["X-Amzn-Remapped-"+name] = values
			named.Del(name)
		}
	}
	maps.Copy(header, passedOn(named))
	if header.Get("Content-Type") == "" && result.Body != "" {
		header.Set("Content-Type", "application/json")
	}
	// Without binaryMediaTypes, a base64 body is not decoded:
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
	return &response{result.StatusCode, header, []byte(result.Body)}, nil
}

// restHeader returns the headers that a REST API adds.
func (c *call) restHeader() http.Header {
	return http.Header{"X-Amzn-Requestid": {c.long}, "X-Amz-Apigw-Id": {c.short},
		"X-Amzn-Trace-Id": c.header["X-Amzn-Trace-Id"]}
}

// refusal returns an error response of a REST API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
//
// A throttled function is a 500: https://repost.aws/questions/QUL-z6rJbmR4meafB7MzYXxw
func (restAPI) refusal(c *call, f fault) *response {
	header := c.restHeader()
	header.Set("Content-Type", "application/json")
	status, kind, body := http.StatusBadGateway, "InternalServerErrorException", `{"message": "Internal server error"}`
	switch f {
	case noRoute:
		status, kind = http.StatusForbidden, "MissingAuthenticationTokenException"
		body = `{"message":"Missing Authentication Token"}`
	case unauthorized:
		status, kind, body = http.StatusUnauthorized, "UnauthorizedException", `{"message":"Unauthorized"}`
		header.Set("Www-Authenticate", "Bearer")
	case headersTooLarge:
		status, kind, body = http.StatusRequestHeaderFieldsTooLarge, "BadRequestException", `{"message": "Request Header `+
			`Fields Too Large"}`
	case badRequest:
		status, kind, body = http.StatusBadRequest, "BadRequestException", `{"message": "Bad Request"}`
	case bodyTooLarge:
		status, kind, body = http.StatusRequestEntityTooLarge, "RequestTooLargeException", "HTTP content length exceeded "+
			"10485760 bytes."
		header.Set("Content-Type", "text/plain")
	case eventTooLarge:
		status, kind, body = http.StatusRequestEntityTooLarge, "RequestTooLargeException", `{"message": "Request Too Long"}`
	case throttled:
		status = http.StatusInternalServerError
	case timeout:
		status, body = http.StatusGatewayTimeout, `{"message": "Endpoint request timed out"}`
	}
	header.Set("X-Amzn-Errortype", kind)
	return &response{status, header, []byte(body)}
}

// wait returns the default maximum timeout of a REST API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
func (restAPI) wait() time.Duration { return 29 * time.Second }
