package customresource

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/cfn"
)

// FuzzRollback: no event causes a panic, and an Update is never a rollback in both directions.
func FuzzRollback(f *testing.F) {
	for _, c := range [][2]string{{"1", "2"}, {"a:2", "a:1"}, {"", ":"}, {"18446744073709551616", "1"}, {"+1", "2"},
		{"-1", "1"}, {"a:01", "a:1"}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		text, err := json.Marshal(map[string]any{"RequestType": "Update", "ResponseURL": "x",
			"ResourceProperties": map[string]string{"Version": a}, "OldResourceProperties": map[string]string{"Version": b}})
		if err != nil {
			t.Fatal(err)
		}
		request, ok := readRequest(text)
		if !ok {
			t.Fatalf("not read: %s", text)
		}
		there := isRollback(request)
		request.ResourceProperties, request.OldResourceProperties = request.OldResourceProperties, request.ResourceProperties
		if there && isRollback(request) {
			t.Errorf("%q and %q are older than each other", a, b)
		}
	})
}

// FuzzReadRequest: no event causes a panic.
func FuzzReadRequest(f *testing.F) {
	for _, s := range []string{`{"RequestType":"Create","ResponseURL":"u"}`, `{"requesttype":"x","RESPONSEURL":"u"}`,
		`{"ResourceProperties":[]}`, `[]`, `null`, "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if request, ok := readRequest(text); ok {
			isRollback(request)
		}
	})
}

// FuzzEncode: for any reason, the response is JSON within the limit, and begins with the reason.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "short", strings.Repeat("é", 4000), strings.Repeat("<\x01", 4000),
		strings.Repeat("\xff", 5000), strings.Repeat("a", 4096)} {
		f.Add(s, 1)
	}
	f.Fuzz(func(t *testing.T, reason string, times int) {
		reason = strings.Repeat(reason, min(max(times, 0), 100))
		body, err := encode(&cfn.Response{Reason: reason, StackID: "arn", Data: map[string]any{"To": "2"}})
		var got struct{ Reason, StackId string }
		if err != nil || len(body) > maxBody || json.Unmarshal(body, &got) != nil || got.StackId != "arn" {
			t.Fatalf("%d bytes: %v", len(body), err)
		}
		kept, wasCut := strings.CutSuffix(got.Reason, "…")
		if !utf8.ValidString(reason) {
			return // invalid text is dropped
		}
		if !strings.HasPrefix(reason, kept) || wasCut && reason != got.Reason && len(kept) < maxBody/8 {
			t.Errorf("%.60q became %.60q", reason, got.Reason)
		}
	})
}
