package main

import (
	"fmt"
	"testing"

	"slipway/internal/test/dbtest"
	"slipway/internal/test/lambdatest"
	"slipway/internal/test/secretstest"
)

// TestNoPasswordShown: no output of the function contains the password, for any error and any caller.
func TestNoPasswordShown(t *testing.T) {
	t.Parallel()
	server := dbtest.Server(t)
	good := secretstest.Start(t)
	good.SetLogin("root", "s3cr3t")
	bad := secretstest.Start(t)
	bad.Set("s3cr3t")
	for name, env := range map[string][]string{
		"a wrong password":          {"DATABASE_URL=mysql://root:s3cr3t@" + server + "/x"},
		"a wrong password over TLS": {"DATABASE_URL=mysql://root:s3cr3t@" + server + "/x?tls=true"},
		"no such host":              {"DATABASE_URL=mysql://root:s3cr3t@no-such-host.invalid/x"},
		"no server":                 {"DATABASE_URL=mysql://root:s3cr3t@127.0.0.1:1/x"},
		"a bad port":                {"DATABASE_URL=mysql://root:s3cr3t@127.0.0.1:port/x"},
		"no host":                   {"DATABASE_URL=mysql://root:s3cr3t@/x"},
		"no database":               {"DATABASE_URL=mysql://root:s3cr3t@h"},
		"a / in it":                 {"DATABASE_URL=mysql://root:1/s3cr3t@h/x"},
		"a # in it":                 {"DATABASE_URL=mysql://root:#s3cr3t@h/x"},
		"a % in it":                 {"DATABASE_URL=mysql://root:%s3cr3t@h/x"},
		"no scheme":                 {"DATABASE_URL=root:s3cr3t@tcp(h)/x"},
		"another scheme":            {"DATABASE_URL=postgres://root:s3cr3t@h/x"},
		"a bad parameter":           {"DATABASE_URL=mysql://root:s3cr3t@h/x?tls=perhaps"},
		"a wrong secret":            append(good.Env(), "DATABASE_URL=mysql://"+server+"/x"),
		"a secret and a password":   append(good.Env(), "DATABASE_URL=mysql://root:s3cr3t@"+server+"/x"),
		"no secret":                 append(bad.Env(), "DATABASE_URL=mysql://"+server+"/x"),
		"a secret as an ARN":        {"DATABASE_URL=mysql://h/x", "DATABASE_SECRET_ARN=s3cr3t"},
		"a token and a password": {"DATABASE_URL=mysql://root:s3cr3t@h/x?tls=true", "DATABASE_IAM_AUTH=true",
			"AWS_REGION=eu-central-1"},
		"a token and no keys": {"DATABASE_URL=mysql://root@h/x?tls=true", "DATABASE_IAM_AUTH=true",
			"AWS_SECRET_ACCESS_KEY=s3cr3t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStack(t, lambdatest.Start(t, function, env...))
			for _, command := range []string{"status", "upgrade"} { // invoke and response search for it
				if r, failed := invoke(t, s.fn, fmt.Sprintf(`{"command":%q}`, command)); !failed || r.Failed == nil ||
					r.Failed.Error == "" {
					t.Errorf("%s: %+v", command, r)
				}
			}
			if a := s.request("Create", "", "1"); a.Status != "FAILED" {
				t.Errorf("%+v", a)
			}
		})
	}
}
