package emulator

import (
	"errors"
	"fmt"
)

// ErrThrottled is the error for an invocation over the concurrency of the function. Lambda returns 429,
// TooManyRequestsException. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
var ErrThrottled = errors.New("all sandboxes are busy (TooManyRequestsException)")

// ErrTooLarge is the error for an event of more than [EventLimit] bytes. Lambda returns 413, RequestTooLargeException.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
var ErrTooLarge = errors.New("the event is larger than Lambda's limit of 6 MB (RequestTooLargeException)")

// ErrClosed is the error of a closed pool.
var ErrClosed = errors.New("the sandboxes are stopped")

// FunctionError is an error that the function or Lambda returned. Its members are those of Lambda's error object.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error returns type and message.
func (e *FunctionError) Error() string { return "function error " + e.Type + ": " + e.Message }

// ExitError is the error for a process that ended without a result.
type ExitError struct {
	Code int // the exit code, or -1 if a signal ended the process

	undelivered bool // the process ended before it got the invocation
}

// Error returns the code.
func (e *ExitError) Error() string {
	if e.Code < 0 {
		return "the function's process was ended by a signal"
	}
	return fmt.Sprintf("the function's process exited with code %d", e.Code)
}
