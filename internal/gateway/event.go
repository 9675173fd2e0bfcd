package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// kind is the source of an event.
type kind int

const (
	// httpAPI is payload 2.0 of an API Gateway HTTP API:
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
	httpAPI kind = iota
	// httpAPIv1 is payload 1.0 of an API Gateway HTTP API, described on the same page.
	httpAPIv1
	// restAPI is an API Gateway REST API:
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
	restAPI
	// functionURL is payload 2.0 of a function URL:
	// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
	functionURL
	// loadBalancer is a target group of an Application Load Balancer:
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
	loadBalancer
)

// event has the fields of all sources. Fields with the same name have the same type in all of them, so one struct and
// one pass over the JSON are enough.
type event struct {
	kind kind

	Type       string  `json:"type"` // set for authorizers only, whose events otherwise look like requests
	Version    string  `json:"version"`
	RouteKey   string  `json:"routeKey"`
	Resource   string  `json:"resource"`
	HTTPMethod *string `json:"httpMethod"`
	Path       *string `json:"path"`
	RawPath    string  `json:"rawPath"`

	RawQueryString  string              `json:"rawQueryString"`
	Query           map[string]string   `json:"queryStringParameters"`
	MultiValueQuery map[string][]string `json:"multiValueQueryStringParameters"`

	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Cookies           []string            `json:"cookies"`

	PathParameters map[string]string `json:"pathParameters"`
	RequestContext requestContext    `json:"requestContext"`

	Body            string `json:"body"`
	IsBase64Encoded bool   `json:"isBase64Encoded"`
}

type requestContext struct {
	DomainName string    `json:"domainName"`
	Path       string    `json:"path"`
	RequestID  string    `json:"requestId"`
	Stage      string    `json:"stage"`
	ELB        *struct{} `json:"elb"`
	// Authorizer is parsed by Authorized.
	Authorizer json.RawMessage `json:"authorizer"`
	Identity   struct {
		SourceIP string `json:"sourceIp"`
		UserARN  string `json:"userArn"`
	} `json:"identity"`
	HTTP *struct {
		Method   string `json:"method"`
		Path     string `json:"path"`
		SourceIP string `json:"sourceIp"`
	} `json:"http"`
}

// parseEvent parses an event and detects its source. The error is ErrUnsupportedEvent. It does not wrap the JSON error,
// which may quote the payload: function errors are logged.
func parseEvent(payload []byte) (*event, error) {
	e := new(event)
	if err := json.Unmarshal(payload, e); err != nil {
		return nil, ErrUnsupportedEvent
	}
	switch {
	case e.Type != "":
		return nil, ErrUnsupportedEvent
	case e.RequestContext.HTTP != nil:
		e.kind = httpAPI
		if strings.Contains(e.RequestContext.DomainName, ".lambda-url.") {
			e.kind = functionURL
		}
	case e.RequestContext.ELB != nil:
		e.kind = loadBalancer
	case e.HTTPMethod == nil || e.Path == nil:
		return nil, ErrUnsupportedEvent
	case e.Version == "1.0":
		e.kind = httpAPIv1
	default:
		e.kind = restAPI
	}
	return e, nil
}

// payload2 reports whether the event and its response have the format of payload 2.0.
func (e *event) payload2() bool { return e.kind == httpAPI || e.kind == functionURL }

// method returns the request's method, which may be empty.
func (e *event) method() string {
	switch {
	case e.payload2():
		return e.RequestContext.HTTP.Method
	case e.HTTPMethod != nil:
		return *e.HTTPMethod
	}
	return ""
}

// sourceIP returns the client's address from the gateway, or "" if the gateway does not provide it. It never uses a
// value that a client can set: a load balancer appends the address to X-Forwarded-For, so the last element is used.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
func (e *event) sourceIP(header http.Header) string {
	switch {
	case e.payload2():
		return e.RequestContext.HTTP.SourceIP
	case e.kind != loadBalancer:
		return e.RequestContext.Identity.SourceIP
	}
	all := strings.Join(header["X-Forwarded-For"], ",")
	last := strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
	if withPort, err := netip.ParseAddrPort(last); err == nil {
		return withPort.Addr().String() // the balancer's attribute routing.http.xff_client_port.enabled
	}
	if addr, err := netip.ParseAddr(last); err == nil {
		return addr.String()
	}
	return ""
}

// facts returns the facts of the request.
func (e *event) facts(ctx context.Context, header http.Header) facts {
	f := facts{requestID: e.RequestContext.RequestID}
	f.authorizer = authorizer{e.kind, e.RequestContext.Authorizer, e.RequestContext.Identity.UserARN}
	if e.kind == loadBalancer {
		f.requestID = header.Get("X-Amzn-Trace-Id")
	}
	if f.requestID == "" {
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			f.requestID = lc.AwsRequestID
		}
	}
	f.base, f.route = e.splitPath()
	return f
}
