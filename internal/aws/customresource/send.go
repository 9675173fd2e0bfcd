package customresource

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
)

const (
	// maxBody is CloudFormation's limit for the size of a response, in bytes.
	maxBody = 4096
	// sendTime is the limit for all attempts to send a response, tryTime for one attempt.
	sendTime, tryTime = time.Minute, 5 * time.Second
	// firstPause is the pause after the first attempt. Each pause is twice as long as the one before, up to longestPause.
	firstPause, longestPause = 100 * time.Millisecond, 5 * time.Second
	// endReserve is the time that remains for the end of the invocation.
	endReserve = time.Second
)

// client sends responses. It does not follow redirects.
var client = &http.Client{
	Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send sends a response to the presigned S3 URL of CloudFormation. It retries temporary errors until the deadline. The
// error does not contain the URL, because anyone with the URL can send a response.
//
// The send function of the library has no retry and no timeout.
func send(ctx context.Context, address string, response *cfn.Response) error {
	body, err := encode(response)
	if err != nil {
		return err
	}
	end := time.Now().Add(sendTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-endReserve).Before(end) {
		end = deadline.Add(-endReserve)
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), end)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		again, err := put(ctx, address, body)
		if !again || time.Until(end) < pause {
			return err
		}
		<-time.After(pause)
	}
}

// put makes one attempt. again reports whether a retry may succeed.
func put(ctx context.Context, address string, body []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(body))
	if err != nil || request.URL.Host == "" || request.URL.Scheme != "https" && request.URL.Scheme != "http" {
		return false, errors.New("the ResponseURL is not an http or https URL")
	}
	// The signature of the URL is for a request without Content-Type.
	response, err := client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return true, fmt.Errorf("cannot reach S3: %w: a VPC needs a gateway endpoint for S3, or a NAT gateway", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxBody)) // the body is not needed
	if response.StatusCode != http.StatusOK {
		again = response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests ||
			response.StatusCode == http.StatusRequestTimeout
		return again, fmt.Errorf("S3 returns %d", response.StatusCode)
	}
	return false, nil
}

// encode returns a response as JSON of at most maxBody bytes. It truncates the reason if necessary.
func encode(response *cfn.Response) ([]byte, error) {
	response.Reason = truncate(response.Reason, maxBody)
	for {
		body, err := json.Marshal(response)
		if err != nil || len(body) <= maxBody {
			return body, err
		}
		if response.Reason == "" {
			return nil, fmt.Errorf("the response has %d bytes, more than %d", len(body), maxBody)
		}
		// One byte of the reason has up to six bytes in JSON.
		response.Reason = truncate(response.Reason, len(response.Reason)-1-(len(body)-maxBody)/6)
		if response.Reason == "…" {
			response.Reason = ""
		}
	}
}
