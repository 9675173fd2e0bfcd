package emulator

import (
	"errors"
	"fmt"
)

// ErrThrottled is what Lambda answers when a function has as many invocations under way as it may have: 429,
// TooManyRequestsException. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
var ErrThrottled = errors.New("all sandboxes are busy (TooManyRequestsException)")

// ErrTooLarge is what Lambda answers to an event of more than [EventLimit] bytes: 413, RequestTooLargeException.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
var ErrTooLarge = errors.New("the event is larger than Lambda's 6 MB (RequestTooLargeException)")

// ErrClosed is the answer of a pool that was closed.
var ErrClosed = errors.New("the sandboxes are stopped")

// FunctionError is what a function answered instead of a result, or what Lambda says in its place. Its members are
// those of Lambda's error object.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// Error returns type and message.
func (e *FunctionError) Error() string { return "function error " + e.Type + ": " + e.Message }

// ExitError says that the process ended instead of answering.
type ExitError struct {
	Code int // the exit code, or -1 when a signal ended it

	unheard bool // it ended before it took the invocation
}

// Error returns the code.
func (e *ExitError) Error() string {
	if e.Code < 0 {
		return "the function's process was ended by a signal"
	}
	return fmt.Sprintf("the function's process exited with code %d", e.Code)
}
