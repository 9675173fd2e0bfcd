package credentials

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// maxMessage is how much is shown of what the service says.
const maxMessage = 400

// refusal is an answer of Secrets Manager that is not the secret.
type refusal struct {
	status        int
	code, message string
}

// readRefusal reads an error of the protocol (AWS JSON 1.1). What is no such error
// keeps its status alone.
func readRefusal(status int, body []byte) *refusal {
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // or Message: names are matched in any case
	}
	if json.Unmarshal(body, &e) != nil {
		return &refusal{status: status}
	}
	// It may come as NAMESPACE#CODE, and as CODE:URL.
	code := e.Type[strings.LastIndexByte(e.Type, '#')+1:]
	code, _, _ = strings.Cut(code, ":")
	message := strings.Join(strings.Fields(e.Message), " ")
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "…"
	}
	return &refusal{status, code, message}
}

// passing says that the same request may be answered in a moment.
func (r *refusal) passing() bool {
	return r.status >= 500 || r.status == http.StatusTooManyRequests || strings.Contains(r.code, "Throttling")
}

// Error says what the service said, and what to do about it.
func (r *refusal) Error() string {
	text := fmt.Sprintf("Secrets Manager answers %d", r.status)
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
		return ": the function's role needs secretsmanager:GetSecretValue for this ARN, and kms:Decrypt where the secret " +
			"has a key of its own"
	case "ResourceNotFoundException":
		return ": there is no such secret, or it has no value yet: see the ARN and its region"
	case "InvalidRequestException":
		return ": it may be about to be deleted"
	case "DecryptionFailure":
		return ": the function's role needs kms:Decrypt for the secret's key"
	case "ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignature":
		return ": the keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN are not, or no longer, good"
	}
	return ""
}
