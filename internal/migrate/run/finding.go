package run

// Severity says how bad a finding is.
type Severity string

// The severities. An error should stop a deployment, a warning should be read,
// and a notice is good to know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Notice  Severity = "notice"
)

// Finding is one thing to know about a line of a file.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	File     string   `json:"file"`
	Line     int      `json:"line"`
	// Title says in a few words what was found.
	Title string `json:"title"`
	// Detail says what and why, with the names of the table and the column.
	Detail string `json:"detail"`
	// Advice is the safer way.
	Advice string `json:"advice"`
}
