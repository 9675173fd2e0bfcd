//go:build !unix

package emulator

import "os/exec"

// separate does nothing where there are no process groups.
func separate(*exec.Cmd) {}

// interrupt kills the process of cmd: there is no gentler way.
func interrupt(cmd *exec.Cmd) { end(cmd) }

// end kills the process of cmd. One that is gone already is none of its concern.
func end(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
