package main

import (
	"os/exec"
	"testing"
)

// TestMask: the script masks the password, percent-encoded and decoded.
func TestMask(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		url, want string
		ok        bool
	}{
		{"mysql://u:p%40s:s@h:1/d?tls=true", "::add-mask::p%40s:s\n::add-mask::p@s:s\n", true},
		{"mysql://u:p@ss@h/d", "::add-mask::p@ss\n::add-mask::p@ss\n", true},
		{"mysql://u@h/d", "", true},
		{"mysql://u:@h/d", "", true},
		{"mysql://h/d", "", true},
		{"", "::error::this environment has no secret DATABASE_URL: set it to mysql://user:pass@host:3306/db?tls=true\n",
			false},
		{"postgres://u:s3cr3t@h/d", "::error::the secret DATABASE_URL must begin with mysql://\n", false},
	} {
		cmd := exec.CommandContext(t.Context(), "bash", "mask.sh")
		cmd.Env = append(cmd.Environ(), "DATABASE_URL="+test.url)
		if out, err := cmd.Output(); string(out) != test.want || (err == nil) != test.ok {
			t.Errorf("%s: got %q (%v), want %q", test.url, out, err, test.want)
		}
	}
}
