package emulator

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// httpAPI is an API Gateway HTTP API with payload 2.0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//
// Details that the page does not specify follow the test tool of AWS, which was compared with real APIs:
// https://github.com/aws/aws-lambda-dotnet/tree/master/Tools/LambdaTestTool-v2
type httpAPI struct{}

// event2 is an event of payload 2.0. The type of the library has extra members for mutual TLS, and lacks null values.
type event2 struct {
	events.APIGatewayV2HTTPRequest
	RequestContext context2 `json:"requestContext"`
}

type context2 struct {
	events.APIGatewayV2HTTPRequestContext
	Authentication *struct{}    `json:"authentication,omitempty"`
	Authorizer     *authorizer2 `json:"authorizer,omitempty"`
}

// authorizer2 is the result of a JWT authorizer. Scopes are those that the route requires: null, because it requires
// none. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
type authorizer2 struct {
	JWT struct {
		Claims map[string]string `json:"claims"`
		Scopes []string          `json:"scopes"`
	} `json:"jwt"`
}

func (httpAPI) id(c *call) string { return c.short }

// event returns the event of a request: lower-case header names, several values joined with commas, separate cookies,
// and a decoded path.
func (httpAPI) event(c *call) (any, error) {
	stage, base := "$default", ""
	if c.stage != "" {
		stage, base = c.stage, "/"+c.stage
	}
	template, matched := route(c.path)
	key := "ANY " + template
	e := event2{
		APIGatewayV2HTTPRequest: events.APIGatewayV2HTTPRequest{
			Version: "2.0", RouteKey: key, RawPath: base + c.path, RawQueryString: c.r.URL.RawQuery,
			PathParameters: matched, Headers: map[string]string{},
		},
		RequestContext: context2{APIGatewayV2HTTPRequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: key, AccountID: account, Stage: stage, RequestID: c.short, APIID: domain, DomainName: domain,
			DomainPrefix: domain,
			Time:         c.at.Format(timeLayout), TimeEpoch: c.at.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: c.r.Method, Path: base + c.path, Protocol: c.r.Proto, SourceIP: c.ip, UserAgent: c.r.UserAgent(),
			},
		}},
	}
	c.bodyHeaders()
	for name, values := range c.header {
		if name == "Cookie" {
			e.Cookies = cookies(values)
			continue
		}
		e.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	for _, p := range parameters(c.r.URL.RawQuery, func(r rune) bool { return r == '&' }) {
		if e.QueryStringParameters == nil {
			e.QueryStringParameters = map[string]string{}
		}
		if before, twice := e.QueryStringParameters[p.name]; twice {
			p.value = before + "," + p.value
		}
		e.QueryStringParameters[p.name] = p.value
	}
	e.Body = string(c.body)
	if !isText(c.header, c.body) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(c.body), true
	}
	if c.claims != nil {
		e.RequestContext.Authorizer = &authorizer2{}
		e.RequestContext.Authorizer.JWT.Claims = claims2(c.claims)
	}
	return e, nil
}

// bodyHeaders sets Content-Length to the size of the body, also for chunked requests. As API Gateway does, it sets a
// Content-Type if Content-Length is 0.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-http-apis
func (c *call) bodyHeaders() {
	if c.header.Get("Content-Length") == "0" && c.header.Get("Content-Type") == "" {
		c.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	c.header.Set("Content-Length", strconv.Itoa(len(c.body)))
}

// cookies splits the values of Cookie headers.
func cookies(values []string) []string {
	var all []string
	for _, value := range values {
		for cookie := range strings.SplitSeq(value, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				all = append(all, cookie)
			}
		}
	}
	return all
}

// isText reports whether the event contains the body as text. All other bodies are base64, including compressed bodies
// and forms.
func isText(h http.Header, body []byte) bool {
	if len(body) == 0 {
		return true
	}
	if h.Get("Content-Encoding") != "" || !utf8.Valid(body) {
		return false
	}
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = h.Get("Content-Type")
	}
	switch {
	case kind == "", strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "+json"), strings.HasSuffix(kind, "+xml"):
		return true
	}
	return kind == "application/json" || kind == "application/xml" || kind == "application/javascript"
}

// response converts a result. A result without statusCode is the body of a 200 response.
func (httpAPI) response(c *call, out []byte) (*response, error) {
	header := http.Header{"Apigw-Requestid": {c.short}}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(out, &members); err != nil || members["statusCode"] == nil {
		header.Set("Content-Type", "application/json")
		return &response{http.StatusOK, header, out}, nil
	}
	var result events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(out, &result); err != nil {
		return nil, err
	}
	if result.StatusCode < 200 || result.StatusCode > 599 {
		return nil, fmt.Errorf("invalid statusCode %d", result.StatusCode)
	}
	res := &response{result.StatusCode, header, []byte(result.Body)}
	if result.IsBase64Encoded {
		var err error
		if res.body, err = base64.StdEncoding.DecodeString(result.Body); err != nil {
			return nil, errors.New("the body is not valid base64")
		}
	}
	named := http.Header{}
	for name, value := range result.Headers {
		named.Add(name, value)
	}
	for name, values := range passedOn(named) {
		if name != "Content-Length" && name != "Date" { // set by the gateway
			header[name] = values
		}
	}
	for _, cookie := range result.Cookies {
		header.Add("Set-Cookie", cookie)
	}
	if header.Get("Content-Type") == "" && len(res.body) > 0 {
		header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	return res, nil
}

// refusal returns an error response of an HTTP API.
//   - Throttling and timeouts are 503:
//     https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
//   - www-authenticate: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html
func (httpAPI) refusal(c *call, f fault) *response {
	header := http.Header{"Apigw-Requestid": {c.short}, "Content-Type": {"application/json"}}
	status, message := http.StatusInternalServerError, "Internal Server Error"
	switch f {
	case noRoute:
		status, message = http.StatusNotFound, "Not Found"
	case unauthorized:
		status, message = http.StatusUnauthorized, "Unauthorized"
		header.Set("Www-Authenticate", "Bearer")
	case badRequest:
		status, message = http.StatusBadRequest, "Bad Request"
	case headersTooLarge:
		status, message = http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large"
	case bodyTooLarge, eventTooLarge:
		status, message = http.StatusRequestEntityTooLarge, "Request Entity Too Large"
	case throttled, timeout:
		status, message = http.StatusServiceUnavailable, "Service Unavailable"
	}
	return &response{status, header, []byte(`{"message":"` + message + `"}`)}
}

// wait returns the maximum timeout of an HTTP API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
func (httpAPI) wait() time.Duration { return 30 * time.Second }
