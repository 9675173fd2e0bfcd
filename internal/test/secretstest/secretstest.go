// Package secretstest is a fake of AWS Secrets Manager on loopback. It implements GetSecretValue and checks the
// requests.
//
// It is for tests only and may not import other packages of slipway.
package secretstest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// ARN is the ARN of the default secret.
const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:slipway-AbCdEf"

// key is the access key of valid requests.
const key = "AKIDEXAMPLE"

// Server is the service. It is safe for concurrent use.
type Server struct {
	t   testing.TB
	url string

	mu       sync.Mutex
	status   int
	response string
	others   map[string]string // responses for other secrets, by ARN
	calls    int
	hang     chan struct{}
	onCall   func(int)
}

// Start starts a server without secrets. The end of the test stops it.
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

// Env returns the environment of a function that uses this server.
func (s *Server) Env() []string {
	return []string{
		"DATABASE_SECRET_ARN=" + ARN, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + s.url,
		"AWS_ACCESS_KEY_ID=" + key, "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI", "AWS_SESSION_TOKEN=FwoGZXIvYXdz",
	}
}

// Getenv reads [Server.Env] instead of the real environment.
func (s *Server) Getenv(name string) string {
	for _, line := range s.Env() {
		if value, found := strings.CutPrefix(line, name+"="); found {
			return value
		}
	}
	return ""
}

// Set sets the value of the secret.
func (s *Server) Set(text string) { s.Respond(http.StatusOK, s.value(ARN, text)) }

// SetOther sets the name and the password in another secret.
func (s *Server) SetOther(arn, name, password string) {
	response := s.value(arn, s.login(name, password))
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.others == nil {
		s.others = map[string]string{}
	}
	s.others[arn] = response
}

// value returns the response with a secret's text.
func (s *Server) value(arn, text string) string {
	response, err := json.Marshal(
		map[string]any{"ARN": arn, "Name": "slipway", "SecretString": text, "VersionStages": []string{"AWSCURRENT"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(response)
}

// SetLogin sets the name and the password in the secret, in the format of RDS.
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

// Refuse makes the server return an error of the protocol.
func (s *Server) Refuse(status int, code, message string) {
	response, err := json.Marshal(map[string]string{"__type": code, "Message": message})
	if err != nil {
		s.t.Fatal(err)
	}
	s.Respond(status, string(response))
}

// Respond makes the server return this status and body.
func (s *Server) Respond(status int, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.response = status, body
}

// Hang makes the server wait with responses until Resume.
func (s *Server) Hang() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hang == nil {
		s.hang = make(chan struct{})
	}
}

// Resume ends Hang.
func (s *Server) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hang != nil {
		close(s.hang)
		s.hang = nil
	}
}

// OnCall sets a function that the server calls before each response, with the number of the request, from 1.
func (s *Server) OnCall(do func(n int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = do
}

// Calls returns the number of requests so far.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// ServeHTTP handles GetSecretValue. Any other request fails the test.
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
	status, response, hang := s.status, s.response, s.hang
	if other, found := s.others[asked]; found {
		status, response = http.StatusOK, other
	} else if asked != ARN {
		s.t.Errorf("secretstest: request for the unknown secret %q", asked)
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
	_, _ = w.Write([]byte(response)) // the client may have disconnected
}

// check checks a request and returns the requested ARN. It does not verify the signature, which the SDK creates.
func (s *Server) check(r *http.Request) (asked string) {
	var body struct{ SecretId string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		s.t.Errorf("secretstest: invalid request: %v", err)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue",
		"X-Amz-Security-Token": "FwoGZXIvYXdz",
	} {
		if got := r.Header.Get(name); got != want {
			s.t.Errorf("secretstest: %s is %q, want %q", name, got, want)
		}
	}
	signed := r.Header.Get("Authorization")
	for _, want := range []string{"AWS4-HMAC-SHA256 Credential=" + key + "/", "/eu-central-1/secretsmanager/aws4_request",
		"x-amz-security-token", "x-amz-target", "Signature="} {
		if !strings.Contains(signed, want) {
			s.t.Errorf("secretstest: the signature is %q, and does not contain %q", signed, want)
		}
	}
	if r.Method != http.MethodPost || r.URL.Path != "/" || r.Header.Get("X-Amz-Date") == "" {
		s.t.Errorf("secretstest: %s %s at %q", r.Method, r.URL.Path, r.Header.Get("X-Amz-Date"))
	}
	return body.SecretId
}
