//go:build unix

package emulator

import (
	"os/exec"
	"syscall"
)

// separate starts the process of cmd in its own process group, so that Ctrl-C on the terminal does not reach it, and
// end also kills its child processes.
func separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt sends SIGINT to the process group of cmd.
func interrupt(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }

// end kills the process group of cmd. It does nothing if the group has ended.
func end(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
