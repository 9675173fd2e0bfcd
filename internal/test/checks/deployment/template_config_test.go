package deployment

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSAMConfig: the parameters of each environment in samconfig.toml are valid. Only the authorizer is missing; the
// user must set it.
func TestSAMConfig(t *testing.T) {
	t.Parallel()
	template, err := readTemplate([]byte(theTemplate(t)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	header := regexp.MustCompile(`(?m)^\[(\w+)\.deploy\.parameters\]\n`)
	var environments []string
	for _, at := range header.FindAllSubmatchIndex(text, -1) {
		environment := string(text[at[2]:at[3]])
		environments = append(environments, environment)
		inside, _, _ := strings.Cut(string(text[at[1]:]), "\n[")
		given := map[string]string{"AllowAnonymous": "true"}
		for _, pair := range regexp.MustCompile(`"(\w+)=([^"]*)"`).FindAllStringSubmatch(inside, -1) {
			name, value := pair[1], pair[2]
			parameter, known := section(template, "Parameters")[name].(object)
			if allowed := texts(parameter["AllowedValues"]); !known || len(allowed) > 0 && !slices.Contains(allowed, value) {
				t.Errorf("%s: the template does not accept %s=%s", environment, name, value)
			}
			if name == "AllowAnonymous" {
				t.Errorf("%s sets AllowAnonymous", environment)
			}
			given[name] = value
		}
		if refused := newStack(template, given).refusals(); len(refused) > 0 {
			t.Errorf("%s: %q", environment, refused)
		}
		if !strings.Contains(string(text), "["+environment+".global.parameters]\nstack_name = \"slipway") {
			t.Errorf("%s has no stack_name", environment)
		}
	}
	if want := []string{"default", "dev", "staging", "prod"}; !slices.Equal(environments, want) {
		t.Errorf("the environments are %q, want %q", environments, want)
	}
}
