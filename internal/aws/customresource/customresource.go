// Package customresource makes a Lambda function a CloudFormation custom resource, so that a deployment runs its job
// before the new code serves. It distinguishes the requests of CloudFormation from the function's own events, runs the
// hook of the job, and sends the response to CloudFormation, which waits for it up to an hour.
//
//	Create, Update                runs the hook
//	Update of a stack's rollback  does nothing, unless a property must be restored
//	Delete                        does nothing
//
// It may not import other packages of slipway, and only the Lambda library of third parties.
package customresource

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
)

const (
	// jobReserve is the time between the job's deadline and the function's deadline.
	jobReserve = 10 * time.Second
	// lastMoment is the time before the function's deadline at which a response is sent although the job still runs: a
	// running statement is never interrupted.
	lastMoment = 8 * time.Second
)

// Hook is the behavior of a custom resource.
type Hook struct {
	// ID is the PhysicalResourceId of the resource. It must never change: a new ID means a replacement to CloudFormation.
	ID string
	// Run handles a Create or an Update. It must end soon after its context.
	Run func(ctx context.Context, properties Properties) Result
	// Late returns the reason of the FAILED response that is sent if Run does not end in time.
	Late func(properties Properties) string
	// RolledBack and Deleted are the reasons in the responses to the Update of a stack's rollback, and to a Delete.
	RolledBack, Deleted string
	// Restore names properties that a rollback must restore: if one of them changes, Run also runs for the rollback.
	// Default: none.
	Restore []string
}

// Properties are the properties of a custom resource in the template.
type Properties map[string]any

// Text returns a property as text, or "" if it is missing or not text.
func (p Properties) Text(name string) string {
	text, _ := p[name].(string)
	return text
}

// Result is the result of a hook.
type Result struct {
	Failed bool
	// Reason is the text in the events of the stack. It contains no password.
	Reason string
	// Data are the attributes for GetAtt in the template.
	Data map[string]any
	// Report is logged if the result is too late for the response.
	Report any
}

// Job handles one of the function's own events and returns its result.
type Job[T any] func(ctx context.Context, event json.RawMessage) (T, error)

// Response is the response that was sent to CloudFormation.
type Response struct {
	Status cfn.StatusType
	Reason string
}

// Wrap returns a handler for both kinds of events. For the job's own events it returns the result and the error of the
// job. For requests of CloudFormation it returns the [Response]. The only error is that the response could not be sent.
// Then Lambda sends the event again, so hooks must be idempotent.
//
// Each response is logged as "custom resource" with its status. A metric filter of the template counts those with
// FAILED, which are not errors of the function.
func Wrap[T any](hook Hook, job Job[T]) func(ctx context.Context, event json.RawMessage) (any, error) {
	return func(ctx context.Context, event json.RawMessage) (any, error) {
		if request, ok := readRequest(event); ok {
			return hook.handle(ctx, request)
		}
		result, err := job(ctx, event)
		if err != nil {
			return nil, err
		}
		return result, nil
	}
}

// readRequest parses a request of CloudFormation. ok is false for any other event.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
func readRequest(event json.RawMessage) (request cfn.Event, ok bool) {
	if json.Unmarshal(event, &request) != nil {
		return cfn.Event{}, false
	}
	return request, request.RequestType != "" && request.ResponseURL != ""
}

func (h Hook) handle(ctx context.Context, request cfn.Event) (any, error) {
	response := cfn.NewResponse(&request)
	response.PhysicalResourceID = h.ID
	if request.PhysicalResourceID != "" {
		response.PhysicalResourceID = request.PhysicalResourceID
	}
	finished := func() {}
	switch request.RequestType {
	case cfn.RequestCreate, cfn.RequestUpdate:
		if request.RequestType == cfn.RequestUpdate && isRollback(request) && !h.restores(request) {
			response.Status, response.Reason = cfn.StatusSuccess, h.RolledBack
			break
		}
		result := h.start(ctx, request.ResourceProperties)
		select {
		case r := <-result:
			r.copyTo(response)
		case <-responseTime(ctx):
			response.Status, response.Reason = cfn.StatusFailed, h.Late(request.ResourceProperties)
			// Wait for the job: returning would freeze the process while it holds the database lock. At the deadline, Lambda
			// ends the process, and the server releases the lock.
			finished = func() { slog.Info("the job ended after the response", "report", (<-result).Report) }
		}
	case cfn.RequestDelete:
		response.Status, response.Reason = cfn.StatusSuccess, h.Deleted
	default:
		response.Status = cfn.StatusFailed
		response.Reason = fmt.Sprintf("Unknown RequestType %.40q: it must be Create, Update, or Delete.",
			request.RequestType)
	}
	sendErr := send(ctx, request.ResponseURL, response)
	slog.Info("custom resource", "request_type", request.RequestType, "stack_id", request.StackID,
		"status", response.Status, "reason", response.Reason, "sent", sendErr == nil)
	finished()
	if sendErr != nil {
		return nil,
			fmt.Errorf("cannot send the response to CloudFormation: %w: it was %s: %s",
				sendErr, response.Status, response.Reason)
	}
	return Response{response.Status, response.Reason}, nil
}

// copyTo copies the result to a response.
func (r Result) copyTo(response *cfn.Response) {
	response.Status, response.Reason, response.Data = cfn.StatusSuccess, r.Reason, r.Data
	if r.Failed {
		response.Status = cfn.StatusFailed
	}
}

// start runs the hook in a goroutine, because the caller may have to respond before the hook ends.
func (h Hook) start(ctx context.Context, properties map[string]any) <-chan Result {
	done := make(chan Result, 1)
	go func() {
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-jobReserve))
			defer cancel()
		}
		defer func() {
			if fault := recover(); fault != nil {
				slog.Error("the job panicked", "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
				done <- Result{Failed: true, Reason: "The function panicked. See its log."}
			}
		}()
		done <- h.Run(ctx, properties)
	}()
	return done
}

// responseTime returns a channel that receives at the last moment for a response, or nil without a deadline.
func responseTime(ctx context.Context) <-chan time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	return time.After(time.Until(deadline) - lastMoment)
}
