package lint

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Text writes findings for a terminal: each with its file and line, and a last line with
// their numbers. Findings of one file must be adjacent, as [Look] returns them. It returns
// the error of w.
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

// count returns the number of findings with a severity as text, for example "2 errors".
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

// GitHub writes findings as workflow commands, which GitHub shows as annotations on the
// lines of a pull request. It returns the error of w.
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
