package auth_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"slipway/internal/auth"
	"slipway/internal/test/oidctest"
)

// TestLocal: only a verifier with the same key file accepts a local token.
func TestLocal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "local", "data", "auth.key")
	load := func(path string) *auth.Key {
		t.Helper()
		key, err := auth.LoadKey(path)
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	sign := func(k *auth.Key, expires time.Duration) string {
		t.Helper()
		token, err := k.Sign("ada", "read write", expires)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	key := load(path)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("%v %v", files, err)
	}
	v := auth.NewLocal(load(path)) // another process
	got, err := verify(t, v, sign(key, time.Hour))
	if err != nil || got["sub"] != "ada" || got["scope"] != "read write" || got["iss"] != auth.LocalIssuer {
		t.Errorf("%v %v", got, err)
	}
	refused(t, v, sign(key, -time.Second), "has expired")
	refused(t, v, sign(load(filepath.Join(t.TempDir(), "auth.key")), time.Hour), "another machine")
	refused(t, v, oidctest.Start(t).Token(nil), "not a JWT signed with ES256")
}

// TestKeyMadeAtOnce: processes that create the key at the same time get the same key.
func TestKeyMadeAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		path := filepath.Join(t.TempDir(), "auth.key")
		var all sync.WaitGroup
		begin := make(chan struct{})
		keys := make([]*auth.Key, 8)
		for i := range keys {
			all.Go(func() {
				<-begin
				var err error
				if keys[i], err = auth.LoadKey(path); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		all.Wait()
		if t.Failed() {
			return
		}
		for _, key := range keys {
			token, err := key.Sign("ada", "", time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := verify(t, auth.NewLocal(keys[0]), token); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestKeyFile: the error for an invalid key names the file, and the file stays unchanged.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "a text": "open sesame", "another PEM": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	} {
		path := filepath.Join(t.TempDir(), "auth.key")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := auth.LoadKey(path)
		after, _ := os.ReadFile(path)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "delete it") ||
			string(after) != content {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := auth.LoadKey(t.TempDir()); err == nil {
		t.Error("a folder is accepted as a key")
	}
}
