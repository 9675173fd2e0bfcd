package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// runtimeAPI returns the handler of the Lambda Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (s *Sandbox) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", s.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", s.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", s.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", s.initFailure)
	return mux
}

// next waits for an invocation and returns it to the process.
func (s *Sandbox) next(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.ready:
	default: // no race: a process has one request for /next at a time
		s.readyAt = time.Now()
		close(s.ready)
	}
	select {
	case call := <-s.calls:
		s.mu.Lock()
		s.current = call
		s.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:"+region+":"+account+":function:local")
		h.Set("Lambda-Runtime-Trace-Id", traceID()+";Sampled=0")
		_, _ = w.Write(call.payload) // Invoke detects the end of the process
	case <-r.Context().Done():
	case <-s.exited:
	}
}

// response receives the result of an invocation. A result over the limit is a function error and the status 413.
func (s *Sandbox) response(w http.ResponseWriter, r *http.Request) {
	out, err := io.ReadAll(io.LimitReader(r.Body, ResponseLimit+1))
	if len(out) > ResponseLimit {
		s.complete(w, r, http.StatusRequestEntityTooLarge, outcome{err: &FunctionError{Type: "Function.ResponseSizeTooLarge",
			Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", ResponseLimit)}})
		return
	}
	s.complete(w, r, http.StatusAccepted, outcome{out, err})
}

func (s *Sandbox) failure(w http.ResponseWriter, r *http.Request) {
	s.complete(w, r, http.StatusAccepted, outcome{err: readError(r.Body)})
}

func (s *Sandbox) initFailure(w http.ResponseWriter, r *http.Request) {
	failure := readError(r.Body)
	s.mu.Lock()
	s.initErr = failure
	s.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// complete passes the outcome to the current invocation and returns status to the process. For any other invocation it
// returns 400.
func (s *Sandbox) complete(w http.ResponseWriter, r *http.Request, status int, result outcome) {
	s.mu.Lock()
	call := s.current
	if call != nil && call.id == r.PathValue("id") {
		s.current = nil
	} else {
		call = nil
	}
	s.mu.Unlock()
	if call == nil {
		http.Error(w, `{"errorMessage":"no such invocation","errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	call.done <- result
	w.WriteHeader(status)
}

func readError(body io.Reader) *FunctionError {
	e := new(FunctionError)
	if err := json.NewDecoder(body).Decode(e); err != nil {
		e.Type, e.Message = "Runtime.Unreadable", err.Error()
	}
	return e
}
