// Package customresource lets a job be a CloudFormation custom resource, so that a
// deployment does the job's work before its new code serves. What CloudFormation sends
// is told apart from the job's own events, the job's hook is run where there is
// something to do, and CloudFormation gets its answer: it waits for one, up to an hour.
//
//	Create, Update  the hook runs
//	Update of a stack's rollback  nothing, unless there is something to put back
//	Delete  nothing
//
// It knows none of the jobs: what they do and say is theirs. It imports no other package, and no library but the one
// for Lambda.
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
	// jobReserve is how long before the function's deadline the job's own is.
	jobReserve = 10 * time.Second
	// lastMoment is when an answer has to be sent although the job is not done: a
	// statement that was begun is seen through, however long it takes.
	lastMoment = 8 * time.Second
)

// Hook is what a custom resource does and says.
type Hook struct {
	// ID is the resource's PhysicalResourceId. It never changes: another one would
	// tell CloudFormation that what it stands for was replaced.
	ID string
	// Run does what a Create or an Update asks for, by the resource's properties.
	// It ends when its context does, or soon after.
	Run func(ctx context.Context, properties Properties) Result
	// Late is the reason of the FAILED that is sent when Run does not end in time.
	Late func(properties Properties) string
	// RolledBack and Deleted are the reasons why nothing is done: at the Update of a
	// stack's rollback, and at a Delete.
	RolledBack, Deleted string
	// Restore names properties that a rollback has to put back: where one of them is
	// not what it was, Run is run for its Update too. Default none.
	Restore []string
}

// Properties are those of a custom resource, as the template gives them.
type Properties map[string]any

// Text returns a property that is text; "" for any other, and where there is none.
func (p Properties) Text(name string) string {
	text, _ := p[name].(string)
	return text
}

// Result is how it went.
type Result struct {
	Failed bool
	// Reason is for whoever reads the stack's events. It holds no password.
	Reason string
	// Data are what a template may read with GetAtt.
	Data map[string]any
	// Report is logged where the result comes too late to be told.
	Report any
}

// Job runs one of the function's own events and gives what it answers.
type Job[T any] func(ctx context.Context, event json.RawMessage) (T, error)

// Answer is what was told to CloudFormation.
type Answer struct {
	Status cfn.StatusType
	Reason string
}

// Wrap returns a handler for both kinds of events. For the job's own it does what the job does, error included. For
// those of CloudFormation it gives the [Answer]; the only error is that CloudFormation could not be told, and then
// Lambda sends the event again: what a hook has done already, it may be asked to do once more.
//
// Each answer is one line of the log, "custom resource" with its status: a metric
// filter of the template counts those that are FAILED, which are no errors of the
// function.
func Wrap[T any](hook Hook, job Job[T]) func(ctx context.Context, event json.RawMessage) (any, error) {
	return func(ctx context.Context, event json.RawMessage) (any, error) {
		if request, ok := readRequest(event); ok {
			return hook.handle(ctx, request)
		}
		answer, err := job(ctx, event)
		if err != nil {
			return nil, err
		}
		return answer, nil
	}
}

// readRequest says whether an event is one of CloudFormation's.
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
			r.tell(response)
		case <-nearly(ctx):
			response.Status, response.Reason = cfn.StatusFailed, h.Late(request.ResourceProperties)
			// To leave would freeze the process with a lock in its hands. Should the
			// time run out, Lambda ends it and the server lets go of the lock.
			finished = func() { slog.Info("the job went on after its answer", "report", (<-result).Report) }
		}
	case cfn.RequestDelete:
		response.Status, response.Reason = cfn.StatusSuccess, h.Deleted
	default:
		response.Status = cfn.StatusFailed
		response.Reason = fmt.Sprintf("The RequestType %.40q is unknown: it is Create, Update or Delete.",
			request.RequestType)
	}
	sendErr := send(ctx, request.ResponseURL, response)
	slog.Info("custom resource", "request_type", request.RequestType, "stack_id", request.StackID,
		"status", response.Status, "reason", response.Reason, "sent", sendErr == nil)
	finished()
	if sendErr != nil {
		return nil,
			fmt.Errorf("cannot answer CloudFormation: %w: the answer was %s: %s", sendErr, response.Status, response.Reason)
	}
	return Answer{response.Status, response.Reason}, nil
}

// tell fills in an answer.
func (r Result) tell(response *cfn.Response) {
	response.Status, response.Reason, response.Data = cfn.StatusSuccess, r.Reason, r.Data
	if r.Failed {
		response.Status = cfn.StatusFailed
	}
}

// start runs the hook beside the caller, who may have to answer before it is done.
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
				done <- Result{Failed: true, Reason: "There is a fault in the job itself, which is in its log."}
			}
		}()
		done <- h.Run(ctx, properties)
	}()
	return done
}

// nearly returns a channel that tells the last moment for an answer. Without a deadline there is none.
func nearly(ctx context.Context) <-chan time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	return time.After(time.Until(deadline) - lastMoment)
}
