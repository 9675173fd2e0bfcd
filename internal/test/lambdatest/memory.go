package lambdatest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// PeakMemory returns the maximum resident memory of the process so far, in bytes, as Lambda measures it. It reads
// /proc, so the test fails on systems other than Linux.
func (f *Function) PeakMemory() int {
	f.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.sandbox.PID()))
	if err != nil {
		f.t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		if text, found := strings.CutPrefix(lines.Text(), "VmHWM:"); found {
			kilobytes, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(text, "kB")))
			if err != nil {
				f.t.Fatal(err)
			}
			return kilobytes << 10
		}
	}
	f.t.Fatalf("no VmHWM in %s", status)
	return 0
}
