package emulator

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// claims2 returns claims in the format of a JWT authorizer: all values are strings, and a list is "[a b]".
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
func claims2(claims map[string]any) map[string]string {
	texts := make(map[string]string, len(claims))
	for name, value := range claims {
		if list, ok := items(value); ok {
			texts[name] = "[" + strings.Join(list, " ") + "]"
		} else {
			texts[name] = claimText(value)
		}
	}
	return texts
}

// claims1 returns claims in the format of a Cognito authorizer of a REST API: all values are strings, a list is "a,b",
// and exp and iat are formatted dates.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
func claims1(claims map[string]any) map[string]any {
	texts := make(map[string]any, len(claims))
	for name, value := range claims {
		text := claimText(value)
		if list, ok := items(value); ok {
			text = strings.Join(list, ",")
		}
		if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && (name == "exp" || name == "iat") {
			text = time.Unix(seconds, 0).UTC().Format("Mon Jan 02 15:04:05 UTC 2006")
		}
		texts[name] = text
	}
	return texts
}

// items returns the elements of value as text, if it is a list.
func items(value any) ([]string, bool) {
	switch list := value.(type) {
	case []string:
		return list, true
	case []any:
		texts := make([]string, len(list))
		for i, item := range list {
			texts[i] = claimText(item)
		}
		return texts, true
	}
	return nil, false
}

// claimText returns a JSON value as text. Numbers have no exponent.
func claimText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any:
		text, _ := json.Marshal(v) // cannot fail: v was parsed from JSON
		return string(text)
	}
	return fmt.Sprint(value)
}
