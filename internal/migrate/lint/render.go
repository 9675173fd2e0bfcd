package lint

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Text writes findings for people: by file, each with its line, and a last line
// that counts them. The findings of one file stand together, as Look returns them.
// The error is the writer's.
func Text(w io.Writer, findings []Finding) error {
	var b bytes.Buffer
	for i, f := range findings {
		if i > 0 && findings[i-1].File != f.File {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s:%d: %s %s %s\n    %s\n", f.File, f.Line, f.Severity, f.Code, f.Title, f.Detail)
		if f.Advice != "" {
			fmt.Fprintf(&b, "    → %s\n", f.Advice)
		}
	}
	if len(findings) > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s, %s, %s\n", count(findings, Error), count(findings, Warning), count(findings, Notice))
	_, err := w.Write(b.Bytes())
	return err
}

// count returns in words how many findings have a severity.
func count(findings []Finding, severity Severity) string {
	n := 0
	for _, f := range findings {
		if f.Severity == severity {
			n++
		}
	}
	if n == 1 {
		return fmt.Sprintf("1 %s", severity)
	}
	return fmt.Sprintf("%d %ss", n, severity)
}

// GitHub writes findings as workflow commands, which GitHub shows as annotations
// on the lines of a pull request. The error is the writer's.
func GitHub(w io.Writer, findings []Finding) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var b bytes.Buffer
	for _, f := range findings {
		message := f.Detail
		if f.Advice != "" {
			message += "\n" + f.Advice
		}
		fmt.Fprintf(&b, "::%s file=%s,line=%d,title=%s::%s\n", f.Severity, property.Replace(f.File), f.Line,
			property.Replace(f.Code+" "+f.Title), data.Replace(message))
	}
	_, err := w.Write(b.Bytes())
	return err
}
