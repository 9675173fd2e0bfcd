//go:build !unix

package sqlite

import process "os/exec"

func asNobody(*process.Cmd) {}
