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

// restAPI is an API Gateway REST API with a Lambda proxy integration, whose events are of payload 1.0. It has no
// binaryMediaTypes: bodies are texts in both directions.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
type restAPI struct{}

// event1 is an event of payload 1.0. A body that is not there is null, which the library's type has no room for.
type event1 struct {
	events.APIGatewayProxyRequest
	Body            *string `json:"body"`
	IsBase64Encoded bool    `json:"isBase64Encoded"`
}

// restStage is the stage that a custom domain leads to.
const restStage = "prod"

func (restAPI) id(c *call) string { return c.long }

// event returns the request as that page has it: the path as it was sent, headers and parameters with all their
// values and with the last of each, parameters decoded.
func (restAPI) event(c *call) (any, error) {
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
	if strings.ContainsAny(c.r.URL.RawQuery, "|{}") {
		return nil, &refused{badRequest, "a REST API takes no |, { or } in a query unless they are escaped"}
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
	c.header.Del("Content-Length") // a REST API keeps it to itself
	for name, values := range c.header {
		e.Headers[name] = values[len(values)-1]
	}
	// A semicolon parts too, says the same page.
	for _, p := range parameters(c.r.URL.RawQuery, func(r rune) bool { return r == '&' || r == ';' }) {
		if e.QueryStringParameters == nil {
			e.QueryStringParameters, e.MultiValueQueryStringParameters = map[string]string{}, map[string][]string{}
		}
		e.QueryStringParameters[p.name] = p.value
		e.MultiValueQueryStringParameters[p.name] = append(e.MultiValueQueryStringParameters[p.name], p.value)
	}
	if len(c.body) > 0 {
		text := string(c.body) // what is no UTF-8 is lost, as it is there
		e.Body = &text
	}
	if c.claims != nil {
		e.RequestContext.Authorizer = map[string]any{"claims": claims1(c.claims)}
	}
	return e, nil
}

// remapped are headers of an answer that a REST API passes on under another name.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
var remapped = []string{"Connection", "Content-Length", "Date", "Server", "Www-Authenticate"}

// response reads an answer. One without a status is malformed.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html
func (restAPI) response(c *call, out []byte) (*response, error) {
	var answer events.APIGatewayProxyResponse
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 599 {
		return nil, fmt.Errorf("its statusCode is %d", answer.StatusCode)
	}
	named := http.Header{}
	for _, name := range slices.Sorted(maps.Keys(answer.MultiValueHeaders)) {
		for _, value := range answer.MultiValueHeaders[name] {
			named.Add(name, value)
		}
	}
	// Both lists are merged, each pair once.
	for _, name := range slices.Sorted(maps.Keys(answer.Headers)) {
		if value := answer.Headers[name]; !slices.Contains(named.Values(name), value) {
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
	if header.Get("Content-Type") == "" && answer.Body != "" {
		header.Set("Content-Type", "application/json")
	}
	// Base64 is passed on as it is where binaryMediaTypes do not name the type:
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
	return &response{answer.StatusCode, header, []byte(answer.Body)}, nil
}

// restHeader returns the headers that a REST API adds.
func (c *call) restHeader() http.Header {
	return http.Header{"X-Amzn-Requestid": {c.long}, "X-Amz-Apigw-Id": {c.short},
		"X-Amzn-Trace-Id": c.header["X-Amzn-Trace-Id"]}
}

// refusal returns what a REST API answers itself.
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

// wait is the longest that a REST API waits unless the quota is raised.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
func (restAPI) wait() time.Duration { return 29 * time.Second }
