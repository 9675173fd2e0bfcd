package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

const (
	// fetchTimeout bounds all tries to fetch a secret. A request that waits for it
	// has time left to say so.
	fetchTimeout = 5 * time.Second
	// refetchInterval is the time between two fetches of a password that the server
	// refuses and that the secret still holds: a wrong secret costs one call in that
	// time, not one for each request.
	refetchInterval = 5 * time.Second
)

// secret is one secret and what it held when it was fetched. It is fetched when
// the first connection needs it, and again when the server refuses the password:
// then it has been rotated. The first refusal of a password fetches at once. Where
// the secret still holds the same one, further refusals wait for refetchInterval.
type secret struct {
	variable, arn string // the ARN, and the variable that it is from

	fetch func(context.Context) (string, error)
	now   func() time.Time

	turn chan struct{} // holds one value, taken by whoever uses what is below
	held held
	at   time.Time // when that was fetched; zero before
	same bool      // it was fetched for a refusal, and held the refused password
}

// held is what a secret holds for a database. RDS writes host, port and dbname
// beside it: where the database is stands in the URL.
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
		// By the calendar: the other clock may stand still while Lambda freezes the sandbox.
		return time.Now().Round(0)
	}}
	s.turn <- struct{}{}
	return s, nil
}

// signIn is a [Source]. Of several connections that are made at once, one fetches
// and the others take what it got. A fetch that failed leaves nothing behind: the
// next connection tries again.
func (s *secret) signIn(ctx context.Context, _, user, refused string) (name, password string, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return "", "", s.wrong(ctx.Err())
	}
	stale := refused != "" && refused == s.held.Password && (!s.same || s.now().Sub(s.at).Abs() >= refetchInterval)
	if s.at.IsZero() || stale {
		text, err := s.fetch(ctx)
		if err != nil {
			return "", "", s.wrong(err)
		}
		fresh, err := parse(text)
		if err != nil {
			return "", "", s.wrong(err)
		}
		s.held, s.at, s.same = fresh, s.now(), fresh.Password == refused
	}
	if name = s.held.Username; name == "" {
		name = user
	}
	if name == "" {
		return "", "", s.wrong(errors.New("it has no username, and the URL names no user either"))
	}
	return name, s.held.Password, nil
}

// wrong says which secret it is.
func (s *secret) wrong(err error) error {
	return fmt.Errorf("cannot read the secret %s of %s: %w", s.arn, s.variable, err)
}

// parse reads the text of a secret. The error has nothing of it in it: what is no
// JSON may well be the password itself.
func parse(text string) (held, error) {
	var h held
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return held{}, errors.New(`its value is not of the form {"username": "…", "password": "…"}, as RDS writes it`)
	}
	if h.Password == "" {
		return held{}, errors.New(`its value has no password in it: it reads {"username": "…", "password": "…"}, as RDS ` +
			`writes it`)
	}
	return h, nil
}
