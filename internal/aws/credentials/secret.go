package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	// fetchTimeout is the limit for fetching a secret, with the retry. It is less than the deadline of a request, so that
	// the request can return the error.
	fetchTimeout = 5 * time.Second
	// refetchInterval is the minimum time between two fetches while the secret contains a password that the server
	// rejects. It prevents one fetch per request for an invalid secret.
	refetchInterval = 5 * time.Second
)

// secret caches one secret. It is fetched for the first connection, and again when the server rejects the password,
// because the password may have been rotated. The first rejection fetches the secret at once. While the password stays
// the same, further rejections fetch it after refetchInterval.
type secret struct {
	variable, arn string // the ARN and the variable that contains it

	fetch func(context.Context) (string, error)
	now   func() time.Time

	turn chan struct{} // a lock for the fields below, with capacity 1
	held held
	at   time.Time // time of the last fetch
	same bool      // the last fetch was after a rejection, and returned the rejected password
}

// held is the content of a secret. It ignores host, port, and dbname of RDS, because the URL contains them.
//
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
type held struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

func newSecret(variable, arn string, getenv func(string) string) (*secret, error) {
	client, err := newClient(variable, arn, getenv)
	if err != nil {
		return nil, err
	}
	s := &secret{variable: variable, arn: arn, fetch: client.fetch, turn: make(chan struct{}, 1), now: func() time.Time {
		// Wall clock time: the monotonic clock may stop while Lambda freezes the sandbox.
		return time.Now().Round(0)
	}}
	s.turn <- struct{}{}
	return s, nil
}

// signIn is a [Source]. Concurrent connections share one fetch. Errors are not cached: the next connection fetches
// again.
func (s *secret) signIn(ctx context.Context, _, user, refused string) (name, password string, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return "", "", s.wrap(ctx.Err())
	}
	stale := refused != "" && refused == s.held.Password && (!s.same || s.now().Sub(s.at).Abs() >= refetchInterval)
	if s.at.IsZero() || stale {
		text, err := s.fetch(ctx)
		if err != nil {
			return "", "", s.wrap(err)
		}
		fresh, err := parse(text)
		if err != nil {
			return "", "", s.wrap(err)
		}
		s.held, s.at, s.same = fresh, s.now(), fresh.Password == refused
	}
	if name = s.held.Username; name == "" {
		name = user
	}
	if name == "" {
		return "", "", s.wrap(errors.New("missing username in the secret and in the URL"))
	}
	return name, s.held.Password, nil
}

// wrap adds the name of the secret to an error.
func (s *secret) wrap(err error) error {
	return fmt.Errorf("cannot read the secret %s of %s: %w", s.arn, s.variable, err)
}

// parse parses the text of a secret. The error does not contain the text: if it is not JSON, it may be the password
// itself.
func parse(text string) (held, error) {
	var h held
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return held{}, errors.New(`its value is not of the form {"username": "…", "password": "…"}, the format of RDS`)
	}
	if h.Password == "" {
		return held{}, errors.New(`its value has no password: use {"username": "…", "password": "…"}, the format of RDS`)
	}
	return h, nil
}
