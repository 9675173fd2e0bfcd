//go:build unix

package sqlite

import (
	"os"
	process "os/exec" // exec is a function here
	"syscall"
)

// asNobody runs a command as an unprivileged user, if this process runs as root.
func asNobody(cmd *process.Cmd) {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}
