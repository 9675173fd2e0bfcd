package lambdatest

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// PeakMemory returns the most memory that the process has had so far, in bytes, as Lambda counts it: what was
// resident. It reads /proc, which is Linux's; where it cannot, the test fails.
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
