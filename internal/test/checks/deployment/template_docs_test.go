package deployment

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var updateDocs = flag.Bool("update-docs", false, "write the table of parameters into docs/deploy.md")

// TestDocsParameters: the table in docs/deploy.md contains the parameters of the template, with defaults and
// descriptions.
func TestDocsParameters(t *testing.T) {
	t.Parallel()
	var document struct {
		Parameters yaml.Node `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal([]byte(theTemplate(t)), &document); err != nil {
		t.Fatal(err)
	}
	table := "| parameter | default | |\n|---|---|---|\n"
	for i := 0; i < len(document.Parameters.Content); i += 2 { // in the template's order
		var p struct {
			Default     string `yaml:"Default"`
			Description string `yaml:"Description"`
		}
		if err := document.Parameters.Content[i+1].Decode(&p); err != nil {
			t.Fatal(err)
		}
		value := "none"
		if p.Default != "" {
			value = "`" + p.Default + "`"
		}
		table += fmt.Sprintf("| `%s` | %s | %s |\n", document.Parameters.Content[i].Value, value, p.Description)
	}

	const file, begin, end = "docs/deploy.md", "<!-- parameters -->\n", "<!-- end of parameters -->\n"
	text := readText(t, file)
	before, rest, found := strings.Cut(text, begin)
	got, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no table between %s and %s", file, begin, end)
	}
	if got == table {
		return
	}
	if !*updateDocs {
		t.Fatalf("the parameters in %s differ from template.yaml: run go -C internal/test/checks test ./deployment "+
			"-run TestDocsParameters -update-docs", file)
	}
	if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDocsNames: the runbook explains every alarm, and the outputs, parameters, and resources in the documents exist.
func TestDocsNames(t *testing.T) {
	t.Parallel()
	template, err := readTemplate([]byte(theTemplate(t)))
	if err != nil {
		t.Fatal(err)
	}
	resources, outputs := template["Resources"].(object), template["Outputs"].(object)
	parameters := template["Parameters"].(object)
	runbook := readText(t, "docs/operations.md")
	for name, resource := range resources {
		if resource.(object)["Type"] == "AWS::CloudWatch::Alarm" && !strings.Contains(runbook, "`"+name+"`") {
			t.Errorf("docs/operations.md does not explain %s", name)
		}
	}
	for _, file := range []string{"README.md", "docs/deploy.md", "docs/operations.md", "docs/scaling.md",
		"docs/connections.md", "docs/credentials.md", "docs/pipelines.md", "docs/costs.md", "docs/auth.md"} {
		text := readText(t, file)
		for _, m := range regexp.MustCompile(`\boutput ([A-Z]\w+)`).FindAllStringSubmatch(text, -1) {
			if outputs[m[1]] == nil {
				t.Errorf("%s: the stack has no output %s", file, m[1])
			}
		}
		for _, m := range regexp.MustCompile(
			"`((?:Database|Migrat|Jwt|Allow|Throttling|Cors|Alarm|Backup|Private|Vpc)[A-Z]\\w+)(?:=[^`]*)?`").
			FindAllStringSubmatch(text, -1) {
			if parameters[m[1]] == nil && resources[m[1]] == nil && outputs[m[1]] == nil {
				t.Errorf("%s: the template has no %s", file, m[1])
			}
		}
	}
}
