package test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// object is a mapping of the template, text is every scalar in it: what matters here
// is what is written, and CloudFormation takes "true" for true.
type object = map[string]any

// readTemplate reads a template. A short form becomes the long one: !Ref A is
// {"Ref": "A"}, !GetAtt A.B.C is {"Fn::GetAtt": ["A", "B.C"]}.
func readTemplate(text []byte) (object, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	value, err := readNode(document.Content[0])
	if err != nil {
		return nil, err
	}
	template, ok := value.(object)
	if !ok {
		return nil, fmt.Errorf("the template is no mapping")
	}
	return template, nil
}

func readNode(node *yaml.Node) (value any, err error) {
	switch node.Kind {
	case yaml.MappingNode:
		o := object{}
		for i := 0; i < len(node.Content); i += 2 {
			key := node.Content[i].Value
			if _, twice := o[key]; twice {
				return nil, fmt.Errorf("line %d: %s stands there twice", node.Content[i].Line, key)
			}
			if o[key], err = readNode(node.Content[i+1]); err != nil {
				return nil, err
			}
		}
		value = o
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			if list[i], err = readNode(item); err != nil {
				return nil, err
			}
		}
		value = list
	case yaml.ScalarNode:
		value = node.Value
	default:
		return nil, fmt.Errorf("line %d: CloudFormation knows no anchors", node.Line)
	}
	switch tag := node.Tag; {
	case tag == "!Ref" || tag == "!Condition":
		return object{tag[1:]: value}, nil
	case tag == "!GetAtt":
		name, attribute, _ := strings.Cut(fmt.Sprint(value), ".")
		return object{"Fn::GetAtt": []any{name, attribute}}, nil
	case strings.HasPrefix(tag, "!") && !strings.HasPrefix(tag, "!!"):
		return object{"Fn::" + tag[1:]: value}, nil
	}
	return value, nil
}

// theTemplate is template.yaml as it stands.
func theTemplate(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// choices are what somebody decides who deploys, one of each list: parameters that
// conditions and rules ask for. All combinations that the rules let through are looked at.
var choices = [][]map[string]string{
	{{"AllowAnonymous": "true"},
		{"JwtIssuer": "https://issuer.example", "JwtAudience": "app", "JwtScopePrefix": "https://api.example/"}},
	{{}, {"CorsOrigins": "https://app.example"}},
	{{}, {"AlarmEmail": "ops@example.com"}},
	{{}, {"VpcId": "vpc-0a1b2c3d", "PrivateSubnetIds": "subnet-0a,subnet-0b"}},
	{{"DatabaseSignIn": "iam"}, {"DatabaseSignIn": "secret"}},
	{{"DatabaseProxy": "true"}, {"DatabaseProxy": "false"}},
	{{"DatabaseReaders": "0"}, {"DatabaseReaders": "1"}, {"DatabaseReaders": "2"}},
	{{"DatabaseMinCapacity": "0.5"}, {"DatabaseMinCapacity": "0"}},
	{{}, {"DatabaseUrl": aURL}, {"DatabaseUrl": aURL, "DatabaseSecretArn": aSecret},
		{"DatabaseUrl": aURL, "DatabaseIamResourceId": "cluster-ABCDEFGHIJKL", "DatabaseIamUser": "app"}},
	{{}, {"MigrateDatabaseUrl": aURL}, {"MigrateDatabaseUrl": aURL, "MigrateDatabaseSecretArn": aSecret},
		{"MigrateDatabaseUrl": aURL, "MigrateDatabaseIamUser": "migrator"}},
}

const (
	aURL    = "mysql://host.example:3306/db?tls=true"
	aSecret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-AbCdEf"
)

// stacks returns a stack for each way in which the conditions can come out, where at most so many choices are another
// than the first of their list.
func stacks(template object, others int) (list []*stack) {
	known := map[string]bool{}
	var choose func(i, others int, given map[string]string)
	choose = func(i, others int, given map[string]string) {
		if i < len(choices) {
			for n, choice := range choices[i] {
				more := maps.Clone(given)
				maps.Copy(more, choice)
				if left := others - min(n, 1); left >= 0 {
					choose(i+1, left, more)
				}
			}
			return
		}
		s := newStack(template, given)
		if key := fmt.Sprint(s.conditions); !known[key] && len(s.refusals()) == 0 {
			known[key] = true
			list = append(list, s)
		}
	}
	choose(0, others, map[string]string{})
	return list
}

// TestTemplate: the template keeps every rule in every stack that it can be.
func TestTemplate(t *testing.T) {
	t.Parallel()
	for _, complaint := range templateComplaints(theTemplate(t), len(choices)) {
		t.Error(complaint)
	}
}

// templateComplaints are those about a template's text, each of them once. For others
// see [stacks].
func templateComplaints(text string, others int) []string {
	template, err := readTemplate([]byte(text))
	if err != nil {
		return []string{err.Error()}
	}
	found := map[string]bool{}
	list := stacks(template, others)
	if len(list) == 0 {
		return []string{"no parameters at all make a stack"}
	}
	for _, s := range list {
		for _, rule := range templateRules {
			rule(s, func(format string, args ...any) { found[fmt.Sprintf(format, args...)] = true })
		}
	}
	for _, complaint := range parameterComplaints(template) {
		found[complaint] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// TestRefused: what would not work is refused before anything is deployed, and the
// sentence says what to do.
func TestRefused(t *testing.T) {
	t.Parallel()
	template, err := readTemplate([]byte(theTemplate(t)))
	if err != nil {
		t.Fatal(err)
	}
	const url, secret = aURL, aSecret
	for _, c := range []struct{ given, want string }{
		{"", "deploy with AllowAnonymous=true if that is meant"},
		{"AllowAnonymous=true", ""},
		{"JwtIssuer=https://i JwtAudience=a", ""},
		{"JwtIssuer=https://i JwtAudience=a JwtScopePrefix=p/", ""},
		{"JwtIssuer=https://i JwtAudience=a AllowAnonymous=true", "Keep one of them"},
		{"JwtIssuer=https://i", "JwtAudience is not"},
		{"JwtAudience=a AllowAnonymous=true", "JwtIssuer is not"},
		{"JwtScopePrefix=a AllowAnonymous=true", "scopes do not count"},
		{"VpcId=vpc-1", "PrivateSubnetIds is not"},
		{"PrivateSubnetIds=subnet-1,subnet-2", "VpcId is not"},
		{"VpcId=vpc-1 PrivateSubnetIds=subnet-1,subnet-2 AllowAnonymous=true", ""},
		{"DatabaseMinCapacity=0", "DatabaseProxy keeps it awake"},
		{"DatabaseMinCapacity=0 DatabaseProxy=false AllowAnonymous=true", ""},
		{"DatabaseMinCapacity=0 AllowAnonymous=true DatabaseUrl=" + url, ""},
		{"DatabaseReaderUrl=" + url, "DatabaseUrl is not"},
		{"MigrateDatabaseUrl=" + url, "DatabaseUrl is not"},
		{"DatabaseSecretArn=" + secret, "DatabaseSignIn=secret"},
		{"MigrateDatabaseSecretArn=" + secret, "DatabaseSignIn=secret"},
		{"DatabaseIamResourceId=cluster-A DatabaseIamUser=a", "has users of its own"},
		{"DatabaseUrl=" + url + " DatabaseSecretArn=" + secret + " DatabaseIamResourceId=cluster-A DatabaseIamUser=a",
			"two ways to sign in"},
		{"DatabaseUrl=" + url + " DatabaseIamResourceId=cluster-A", "Name the user that stands in DatabaseUrl"},
		{"DatabaseUrl=" + url + " DatabaseIamUser=a", "Say which database they sign in to"},
		{"DatabaseUrl=" + url + " DatabaseIamResourceId=cluster-A DatabaseIamUser=a MigrateDatabaseIamUser=m",
			"Give the URL in which that user stands"},
		{
			"DatabaseUrl=" + url + " MigrateDatabaseUrl=" + url + " MigrateDatabaseSecretArn=" + secret +
				" DatabaseIamResourceId=cluster-A DatabaseIamUser=a MigrateDatabaseIamUser=m", "two ways to sign in"},
		{
			"AllowAnonymous=true DatabaseUrl=" + url + " MigrateDatabaseUrl=" + url + " MigrateDatabaseSecretArn=" + secret +
				" DatabaseIamResourceId=cluster-A DatabaseIamUser=a", ""},
	} {
		given := map[string]string{}
		for pair := range strings.FieldsSeq(c.given) {
			name, value, _ := strings.Cut(pair, "=")
			given[name] = value
		}
		got := newStack(template, given).refusals()
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.ContainsFunc(got, func(s string) bool {
			return strings.Contains(s, c.want)
		}) {
			t.Errorf("%s: refused with %q, want %q", c.given, got, c.want)
		}
	}
}
