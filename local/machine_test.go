package main

import "testing"

// TestOnThisMachine: only a file, a socket, or a loopback address is on this machine.
func TestOnThisMachine(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"sqlite://local/data/app.db":             true,
		"sqlite:///with space/app.db":            true,
		"mysql://root@127.0.0.1:3306/app":        true,
		"mysql://root:p%40ss@localhost/app":      true,
		"mysql://root@[::1]:3306/app":            true,
		"mysql+unix://root@/run/x.sock":          true,
		"mysql://u:p@db.example.com:3306/app":    false,
		"mysql://u:p@10.0.0.7/app?tls=true":      false,
		"mysql://u:p@localhost.example.com/app":  false,
		"mysql://u:p@127.0.0.1.example.com/app":  false,
		"mysql://127.0.0.1:p@db.example.com/app": false,
	} {
		if got := onThisMachine(url); got != want {
			t.Errorf("%s: %v", url, got)
		}
	}
}
