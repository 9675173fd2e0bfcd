package credentials

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/secretstest"
)

// TestRotation: the first rejection of a password fetches the secret again, at any age. An invalid secret is not
// fetched for each request.
func TestRotation(t *testing.T) {
	t.Parallel()
	server := secretstest.Start(t)
	s, err := newSecret("DATABASE_SECRET_ARN", secretstest.ARN, server.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	s.now = func() time.Time { return now }
	step := func(what, refused, want string, calls int) {
		t.Helper()
		_, got, err := s.signIn(t.Context(), "h:3306", "", refused)
		if err != nil || got != want || server.Calls() != calls {
			t.Errorf("%s: %q, %v after %d calls, want %q after %d", what, got, err, server.Calls(), want, calls)
		}
	}
	server.SetLogin("app", "first")
	step("the first connection", "", "first", 1)
	server.SetLogin("app", "second")
	step("a later one", "", "first", 1)
	step("refused at once: it was rotated after it was fetched", "first", "second", 2)
	step("another pool, refused for the old one", "first", "second", 2)
	server.SetLogin("app", "third")
	step("rotated again, and refused at once", "second", "third", 3)
	step("refused for the first time", "third", "third", 4)
	step("refused again, and the secret held the same", "third", "third", 4)
	step("the next connection", "", "third", 4)
	now = now.Add(refetchInterval)
	step("refused later", "third", "third", 5)
	step("another pool, at the same time", "third", "third", 5)
	now = now.Add(-time.Hour)
	step("the clock was put back", "third", "third", 6)
	server.SetLogin("app", "fourth")
	now = now.Add(refetchInterval)
	step("rotated at last", "third", "fourth", 7)
	step("the new one is refused for the first time", "fourth", "fourth", 8)
}

// TestRotationFails: after a failed fetch, the cached password stays in use for connections that the server accepts.
func TestRotationFails(t *testing.T) {
	t.Parallel()
	fail := errors.New("no")
	var response error
	s := &secret{arn: "arn", turn: make(chan struct{}, 1), now: time.Now,
		fetch: func(context.Context) (string, error) { return `{"username":"u","password":"p"}`, response }}
	s.turn <- struct{}{}
	if _, _, err := s.signIn(t.Context(), "", "", ""); err != nil {
		t.Fatal(err)
	}
	response, s.at = fail, time.Now().Add(-time.Hour)
	if _, _, err := s.signIn(t.Context(), "", "", "p"); !errors.Is(err, fail) {
		t.Error(err)
	}
	if _, password, err := s.signIn(t.Context(), "", "", ""); password != "p" || err != nil {
		t.Error(password, err)
	}
}

// TestEndpoint: the endpoint depends on the partition of the ARN and the variables of the SDKs.
func TestEndpoint(t *testing.T) {
	t.Parallel()
	const ours, any = "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"
	for _, c := range []struct {
		partition, region string
		env               map[string]string
		want              string
	}{
		{"aws", "eu-central-1", nil, "https://secretsmanager.eu-central-1.amazonaws.com/"},
		{"aws-us-gov", "us-gov-west-1", nil, "https://secretsmanager.us-gov-west-1.amazonaws.com/"},
		{"aws-cn", "cn-north-1", nil, "https://secretsmanager.cn-north-1.amazonaws.com.cn/"},
		{"aws", "eu-central-1", map[string]string{any: "http://127.0.0.1:4566"}, "http://127.0.0.1:4566"},
		{"aws-iso", "us-iso-east-1", map[string]string{ours: "https://a", any: "https://b"}, "https://a"},
		{"aws", "eu-central-1", map[string]string{ours: "https://a", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
			"https://secretsmanager.eu-central-1.amazonaws.com/"},
	} {
		getenv := func(name string) string { return c.env[name] }
		got, err := newClient("DATABASE_SECRET_ARN", "arn:"+c.partition+":secretsmanager:"+c.region+":123456789012:secret:x",
			getenv)
		if err != nil || got.endpoint != c.want || got.region != c.region {
			t.Errorf("%s %s %v: %+v %v, want %s", c.partition, c.region, c.env, got, err, c.want)
		}
	}
}

// FuzzARN: a valid ARN leads to a host of Amazon. The error for an invalid one is one line that does not contain it.
func FuzzARN(f *testing.F) {
	for _, s := range []string{"", "arn", "arn:::::", secretstest.ARN, "arn:aws:secretsmanager:eu-central-1:1:secret:a:b",
		"arn:aws-cn:secretsmanager:cn-north-1:1:secret:x",
		"arn:aws:secretsmanager:a.b/c:1:secret:x", "arn:aws:secretsmanager:eu-central-1:1:secret:\n",
		"arn:\xff:secretsmanager:eu-central-1:1:secret:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := newClient("DATABASE_SECRET_ARN", text, func(string) string { return "" })
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(text) > 60 && strings.Contains(err.Error(), text) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		host, found := strings.CutPrefix(c.endpoint, "https://secretsmanager."+c.region+".amazonaws.com")
		if !found || host != "/" && host != ".cn/" || strings.ContainsAny(c.region, "./:@ ") {
			t.Errorf("%q leads to %q", text, c.endpoint)
		}
	})
}

// FuzzParse: no secret causes a panic, and errors do not contain it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "{}", `{"password":"p"}`, `{"username":"u","password":"p","port":3306}`,
		`{"password":5}`, "hunter2", `{"password":"p"} x`, "\xff"} {
		f.Add(s)
	}
	fixed := map[string]bool{}
	for _, s := range []string{"", "{}"} {
		_, err := parse(s)
		fixed[err.Error()] = true
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parse(text)
		if (err == nil) != (h.Password != "") || err != nil && !fixed[err.Error()] {
			t.Errorf("%q: %+v, %v", text, h, err)
		}
	})
}

// FuzzRefusal: no response causes a panic, and errors have one line.
func FuzzRefusal(f *testing.F) {
	for _, s := range []string{"", "{}", `{"__type":"a#b:c","message":"x\ny"}`, `{"__type":"ThrottlingException"}`,
		`{"Message":"` + strings.Repeat("ä", 300) + `"}`, "<html>"} {
		f.Add(400, s)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		r := readRefusal(status, []byte(body))
		if text := r.Error(); strings.Contains(r.message, "\n") || len(r.message) > maxMessage+3 ||
			!strings.HasPrefix(text, "Secrets Manager returns ") {
			t.Errorf("%q: %q", body, text)
		}
		r.temporary()
	})
}
