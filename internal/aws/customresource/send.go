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
	// maxBody is the most that CloudFormation reads of an answer.
	maxBody = 4096
	// sendTime bounds all tries to send an answer, tryTime each of them.
	sendTime, tryTime = time.Minute, 5 * time.Second
	// firstPause is between the first two tries; each further one is twice as long.
	firstPause, longestPause = 100 * time.Millisecond, 5 * time.Second
	// farewell is kept of the function's time, to end in good order.
	farewell = time.Second
)

// client sends answers. An answer is never sent anywhere else than it was asked to.
var client = &http.Client{
	Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send puts an answer where CloudFormation waits for it: a signed address of S3. A
// try that may go better next time is repeated for as long as there is time. The error
// does not hold the address, which lets anyone answer who knows it.
//
// The library's own way of sending gives up at the first try and waits for ever.
func send(ctx context.Context, address string, response *cfn.Response) error {
	body, err := encode(response)
	if err != nil {
		return err
	}
	end := time.Now().Add(sendTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-farewell).Before(end) {
		end = deadline.Add(-farewell)
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

// put tries once; again says that it is worth another try.
func put(ctx context.Context, address string, body []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader(body))
	if err != nil || request.URL.Host == "" || request.URL.Scheme != "https" && request.URL.Scheme != "http" {
		return false, errors.New("the ResponseURL is not the URL of a web server")
	}
	// The address is signed for a body without a type: none is set.
	response, err := client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return true, fmt.Errorf("S3 does not answer: %w: in a VPC it takes a gateway endpoint for S3, or a NAT gateway", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxBody)) // what it says is of no use
	if response.StatusCode != http.StatusOK {
		again = response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests ||
			response.StatusCode == http.StatusRequestTimeout
		return again, fmt.Errorf("S3 answers %d", response.StatusCode)
	}
	return false, nil
}

// encode writes an answer as JSON of at most maxBody bytes, at the cost of its reason.
func encode(response *cfn.Response) ([]byte, error) {
	response.Reason = cut(response.Reason, maxBody)
	for {
		body, err := json.Marshal(response)
		if err != nil || len(body) <= maxBody {
			return body, err
		}
		if response.Reason == "" {
			return nil, fmt.Errorf("the answer has %d bytes, more than %d", len(body), maxBody)
		}
		// A byte of it takes up to six of JSON.
		if response.Reason = cut(response.Reason, len(response.Reason)-1-(len(body)-maxBody)/6); response.Reason == "…" {
			response.Reason = ""
		}
	}
}
