//go:build unix

package sqlite

import (
	"os"
	process "os/exec" // exec is a function here
	"syscall"
)

// asNobody runs a command as a user who owns nothing, where this process is root's.
func asNobody(cmd *process.Cmd) {
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}
