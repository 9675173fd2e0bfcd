//go:build !unix

package emulator

import "os/exec"

// separate does nothing: there are no process groups.
func separate(*exec.Cmd) {}

// interrupt kills the process of cmd, because there is no interrupt signal.
func interrupt(cmd *exec.Cmd) { end(cmd) }

// end kills the process of cmd. It does nothing if the process has ended.
func end(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
