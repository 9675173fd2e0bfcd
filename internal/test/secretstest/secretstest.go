// Package secretstest is a Secrets Manager for tests: a server on loopback that
// speaks as much of its protocol as it takes to read a secret, and holds the caller to it.
//
// It is for tests only and imports no other package of slipway.
package secretstest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// ARN is that of the secret that is there by itself.
const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:slipway-AbCdEf"

// key is the access key that a caller has to sign with.
const key = "AKIDEXAMPLE"

// Server is the service. Its methods may be called from any goroutine.
type Server struct {
	t   testing.TB
	url string

	mu     sync.Mutex
	status int
	answer string
	others map[string]string // answers for other secrets, by their ARN
	calls  int
	hang   chan struct{}
	onCall func(int)
}

// Start begins to serve, with no secret yet. It ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t}
	s.Refuse(http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	server := httptest.NewServer(s)
	s.url = server.URL
	t.Cleanup(func() {
		s.Resume()
		server.Close()
	})
	return s
}

// Env is what the environment of a function says of this server and of its role.
func (s *Server) Env() []string {
	return []string{
		"DATABASE_SECRET_ARN=" + ARN, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + s.url,
		"AWS_ACCESS_KEY_ID=" + key, "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI", "AWS_SESSION_TOKEN=FwoGZXIvYXdz",
	}
}

// Getenv reads [Server.Env], and nothing of the real environment.
func (s *Server) Getenv(name string) string {
	for _, line := range s.Env() {
		if value, found := strings.CutPrefix(line, name+"="); found {
			return value
		}
	}
	return ""
}

// Set makes the text the secret's value.
func (s *Server) Set(text string) { s.Answer(http.StatusOK, s.value(ARN, text)) }

// SetOther makes name and password those of another secret, which is there from now on.
func (s *Server) SetOther(arn, name, password string) {
	answer := s.value(arn, s.login(name, password))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.others == nil {
		s.others = map[string]string{}
	}
	s.others[arn] = answer
}

// value is the answer with a secret's text.
func (s *Server) value(arn, text string) string {
	answer, err := json.Marshal(
		map[string]any{"ARN": arn, "Name": "slipway", "SecretString": text, "VersionStages": []string{"AWSCURRENT"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(answer)
}

// SetLogin makes name and password the secret's value, in the form RDS writes it.
func (s *Server) SetLogin(name, password string) { s.Set(s.login(name, password)) }

func (s *Server) login(name, password string) string {
	text, err := json.Marshal(
		map[string]any{"engine": "mysql", "host": "elsewhere.invalid", "port": 1, "dbname": "another",
			"username": name, "password": password})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// Refuse answers with an error of the protocol from now on.
func (s *Server) Refuse(status int, code, message string) {
	answer, err := json.Marshal(map[string]string{"__type": code, "Message": message})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Answer(status, string(answer))
}

// Answer answers with these bytes from now on.
func (s *Server) Answer(status int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.answer = status, body
}

// Hang answers nothing until Resume.
func (s *Server) Hang() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hang == nil {
		s.hang = make(chan struct{})
	}
}

// Resume answers again.
func (s *Server) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hang != nil {
		close(s.hang)
		s.hang = nil
	}
}

// OnCall is told of each call before it is answered, and which one it is, from 1.
func (s *Server) OnCall(do func(n int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = do
}

// Calls is how often it was asked so far.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// ServeHTTP answers GetSecretValue. Whatever else it is asked fails the test.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls++
	n, onCall := s.calls, s.onCall
	s.mu.Unlock()
	if onCall != nil {
		onCall(n)
	}
	asked := s.check(r)
	s.mu.Lock()
	status, answer, hang := s.status, s.answer, s.hang
	if other, found := s.others[asked]; found {
		status, answer = http.StatusOK, other
	} else if asked != ARN {
		s.t.Errorf("secrettest: asked for %q", asked)
	}
	s.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(answer)) // a caller that is gone has its own test
}

// check holds a request to the protocol and gives the ARN that it asks for. The
// signature itself is the SDK's.
func (s *Server) check(r *http.Request) (asked string) {
	var body struct{ SecretId string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		s.t.Errorf("secrettest: not asked for a secret: %v", err)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue",
		"X-Amz-Security-Token": "FwoGZXIvYXdz",
	} {
		if got := r.Header.Get(name); got != want {
			s.t.Errorf("secrettest: %s is %q, want %q", name, got, want)
		}
	}
	signed := r.Header.Get("Authorization")
	for _, want := range []string{"AWS4-HMAC-SHA256 Credential=" + key + "/", "/eu-central-1/secretsmanager/aws4_request",
		"x-amz-security-token", "x-amz-target", "Signature="} {
		if !strings.Contains(signed, want) {
			s.t.Errorf("secrettest: the request is signed %q, want %q in it", signed, want)
		}
	}
	if r.Method != http.MethodPost || r.URL.Path != "/" || r.Header.Get("X-Amz-Date") == "" {
		s.t.Errorf("secrettest: %s %s at %q", r.Method, r.URL.Path, r.Header.Get("X-Amz-Date"))
	}
	return body.SecretId
}
