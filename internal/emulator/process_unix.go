//go:build unix

package emulator

import (
	"os/exec"
	"syscall"
)

// separate returns the process of cmd a group of its own: a Ctrl-C on the terminal does not reach it, and what it
// starts can be ended with it.
func separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt asks the process of cmd and all of its group to end.
func interrupt(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }

// end kills the process of cmd and all of its group. One that is gone already is none of its concern.
func end(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
