package credentials

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// maxMessage is the maximum length of the service's message in an error.
const maxMessage = 400

// refusal is an error response of Secrets Manager.
type refusal struct {
	status        int
	code, message string
}

// readRefusal parses an error response (AWS JSON 1.1). If the body is something else, the result has the status only.
func readRefusal(status int, body []byte) *refusal {
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // or Message: names are matched in any case
	}
	if json.Unmarshal(body, &e) != nil {
		return &refusal{status: status}
	}
	// The type may be NAMESPACE#CODE or CODE:URL.
	code := e.Type[strings.LastIndexByte(e.Type, '#')+1:]
	code, _, _ = strings.Cut(code, ":")
	message := strings.Join(strings.Fields(e.Message), " ")
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "…"
	}
	return &refusal{status, code, message}
}

// temporary reports whether the same request may succeed later.
func (r *refusal) temporary() bool {
	return r.status >= 500 || r.status == http.StatusTooManyRequests || strings.Contains(r.code, "Throttling")
}

// Error returns the status, the code, and the message of the service, and advice.
func (r *refusal) Error() string {
	text := fmt.Sprintf("Secrets Manager returns %d", r.status)
	if r.code != "" {
		text += " " + r.code
	}
	if r.message != "" {
		text += ": " + r.message
	}
	return text + r.advice()
}

func (r *refusal) advice() string {
	switch r.code {
	case "AccessDeniedException":
		return ": the function's role needs secretsmanager:GetSecretValue for this ARN, and kms:Decrypt if the secret " +
			"has its own key"
	case "ResourceNotFoundException":
		return ": the secret does not exist, or it has no value: check the ARN and its region"
	case "InvalidRequestException":
		return ": the secret may be scheduled for deletion"
	case "DecryptionFailure":
		return ": the function's role needs kms:Decrypt for the secret's key"
	case "ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignature":
		return ": the keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN are invalid or expired"
	}
	return ""
}
