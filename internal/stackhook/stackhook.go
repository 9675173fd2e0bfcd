// Package stackhook lets the migration job be a CloudFormation custom resource, so
// that a deployment migrates before its new code serves. What CloudFormation sends
// is told apart from the job's own events, the job is run where the schema is to
// change, and CloudFormation gets its answer: it waits for one, up to an hour.
//
//	Create, Update  upgrade
//	Update of a stack's rollback  nothing: the old code works on the new schema
//	Delete  nothing: a schema goes with its database
//
// It knows the job's report and nothing of how migrations work. It imports neither
// the database room nor any library but the one for Lambda.
package stackhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"slipway/internal/migration"
)

const (
	// jobReserve is how long before the function's deadline the job's own is.
	jobReserve = 10 * time.Second
	// lastMoment is when an answer has to be sent although the job is not done: a
	// statement that was begun is seen through, however long it takes.
	lastMoment = 8 * time.Second
	// physicalID names what the resource stands for. It never changes: another id
	// would tell CloudFormation that the schema was replaced.
	physicalID = "slipway-schema"
)

// Job runs one of the job's own events.
type Job func(ctx context.Context, event json.RawMessage) (migration.Report, error)

// Answer is what was told to CloudFormation.
type Answer struct {
	Status cfn.StatusType
	Reason string
}

// Wrap gives a handler for both kinds of events. For the job's own it does what the
// job does, error included. For those of CloudFormation it gives the [Answer]; the
// only error is that CloudFormation could not be told, and then Lambda sends the
// event again: an upgrade that is done already does nothing.
func Wrap(job Job) func(ctx context.Context, event json.RawMessage) (any, error) {
	return func(ctx context.Context, event json.RawMessage) (any, error) {
		if request, ok := readRequest(event); ok {
			return handle(ctx, job, request)
		}
		report, err := job(ctx, event)
		if err != nil {
			return nil, err
		}
		return report, nil
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

func handle(ctx context.Context, job Job, request cfn.Event) (any, error) {
	response := cfn.NewResponse(&request)
	response.PhysicalResourceID = physicalID
	if request.PhysicalResourceID != "" {
		response.PhysicalResourceID = request.PhysicalResourceID
	}
	finished := func() {}
	switch request.RequestType {
	case cfn.RequestCreate, cfn.RequestUpdate:
		if request.RequestType == cfn.RequestUpdate && isRollback(request) {
			response.Status, response.Reason = cfn.StatusSuccess, "The stack is rolled back: the schema stays as it is."
			break
		}
		result := start(ctx, job)
		select {
		case r := <-result:
			r.tell(response)
		case <-nearly(ctx):
			unfinished(response)
			// To leave would freeze the process with the lock in its hands. Should the
			// time run out, Lambda ends it and the server lets go of the lock.
			finished = func() { slog.Info("the job went on after its answer", "report", (<-result).report) }
		}
	case cfn.RequestDelete:
		response.Status, response.Reason = cfn.StatusSuccess, "The schema stays: it goes with its database."
	default:
		response.Status = cfn.StatusFailed
		response.Reason = fmt.Sprintf("The RequestType %.40q is unknown: it is Create, Update or Delete.", request.RequestType)
	}
	sendErr := send(ctx, request.ResponseURL, response)
	slog.Info("custom resource", "request_type", request.RequestType, "stack_id", request.StackID,
		"status", response.Status, "reason", response.Reason, "sent", sendErr == nil)
	finished()
	if sendErr != nil {
		return nil, fmt.Errorf("cannot answer CloudFormation: %w: the answer was %s: %s", sendErr, response.Status, response.Reason)
	}
	return Answer{response.Status, response.Reason}, nil
}

// result is how an upgrade went.
type result struct {
	report migration.Report
	err    error
}

// start runs an upgrade beside the caller, who may have to answer before it is done.
func start(ctx context.Context, job Job) <-chan result {
	done := make(chan result, 1)
	go func() {
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-jobReserve))
			defer cancel()
		}
		defer func() {
			if fault := recover(); fault != nil {
				slog.Error("the job panicked", "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
				done <- result{err: errors.New("a fault in the job itself, which is in its log")}
			}
		}()
		report, err := job(ctx, json.RawMessage(`{"command": "upgrade"}`))
		done <- result{report, err}
	}()
	return done
}

// nearly gives a channel that tells the last moment for an answer. Without a
// deadline there is none.
func nearly(ctx context.Context) <-chan time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return nil
	}
	return time.After(time.Until(deadline) - lastMoment)
}
