package deployment

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// object is a mapping of the template. All scalars are strings, because CloudFormation accepts "true" for true.
type object = map[string]any

// readTemplate parses a template. It expands short forms: !Ref A becomes {"Ref": "A"}, and !GetAtt A.B.C becomes
// {"Fn::GetAtt": ["A", "B.C"]}.
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
		return nil, fmt.Errorf("the template is not a mapping")
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
				return nil, fmt.Errorf("line %d: duplicate key %s", node.Content[i].Line, key)
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
		return nil, fmt.Errorf("line %d: CloudFormation does not support anchors", node.Line)
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

// theTemplate returns the text of template.yaml.
func theTemplate(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// choices are alternative values for the parameters in conditions and rules. A stack has one choice of each list. The
// tests check all combinations that the rules allow.
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

// stacks returns one stack for each combination of conditions, with at most others choices that are not the first of
// their list.
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

// TestTemplate: the template satisfies every rule for all combinations of its parameters.
func TestTemplate(t *testing.T) {
	t.Parallel()
	for _, complaint := range templateComplaints(theTemplate(t), len(choices)) {
		t.Error(complaint)
	}
}

// templateComplaints returns the distinct complaints about the text of a template. For others see [stacks].
func templateComplaints(text string, others int) []string {
	template, err := readTemplate([]byte(text))
	if err != nil {
		return []string{err.Error()}
	}
	found := map[string]bool{}
	list := stacks(template, others)
	if len(list) == 0 {
		return []string{"the rules reject all parameters"}
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

// TestParameterRules: the template rejects invalid combinations of parameters, with a sentence that says what to do.
func TestParameterRules(t *testing.T) {
	t.Parallel()
	template, err := readTemplate([]byte(theTemplate(t)))
	if err != nil {
		t.Fatal(err)
	}
	const url, secret = aURL, aSecret
	for _, c := range []struct{ given, want string }{
		{"", "set AllowAnonymous=true to allow requests without a token"},
		{"AllowAnonymous=true", ""},
		{"JwtIssuer=https://i JwtAudience=a", ""},
		{"JwtIssuer=https://i JwtAudience=a JwtScopePrefix=p/", ""},
		{"JwtIssuer=https://i JwtAudience=a AllowAnonymous=true", "Set only one of them"},
		{"JwtIssuer=https://i", "JwtIssuer requires JwtAudience"},
		{"JwtAudience=a AllowAnonymous=true", "JwtAudience requires JwtIssuer"},
		{"JwtScopePrefix=a AllowAnonymous=true", "JwtScopePrefix requires JwtIssuer"},
		{"VpcId=vpc-1", "VpcId requires PrivateSubnetIds"},
		{"PrivateSubnetIds=subnet-1,subnet-2", "PrivateSubnetIds requires VpcId"},
		{"VpcId=vpc-1 PrivateSubnetIds=subnet-1,subnet-2 AllowAnonymous=true", ""},
		{"DatabaseMinCapacity=0", "Set DatabaseProxy=false"},
		{"DatabaseMinCapacity=0 DatabaseProxy=false AllowAnonymous=true", ""},
		{"DatabaseMinCapacity=0 AllowAnonymous=true DatabaseUrl=" + url, ""},
		{"DatabaseReaderUrl=" + url, "MigrateDatabaseUrl require DatabaseUrl"},
		{"MigrateDatabaseUrl=" + url, "MigrateDatabaseUrl require DatabaseUrl"},
		{"DatabaseSecretArn=" + secret, "DatabaseSignIn=secret"},
		{"MigrateDatabaseSecretArn=" + secret, "DatabaseSignIn=secret"},
		{"DatabaseIamResourceId=cluster-A DatabaseIamUser=a", "MigrateDatabaseIamUser require DatabaseUrl"},
		{"DatabaseUrl=" + url + " DatabaseSecretArn=" + secret + " DatabaseIamResourceId=cluster-A DatabaseIamUser=a",
			"two ways to sign in"},
		{"DatabaseUrl=" + url + " DatabaseIamResourceId=cluster-A", "DatabaseIamResourceId requires DatabaseIamUser"},
		{"DatabaseUrl=" + url + " DatabaseIamUser=a", "require DatabaseIamResourceId"},
		{"DatabaseUrl=" + url + " DatabaseIamResourceId=cluster-A DatabaseIamUser=a MigrateDatabaseIamUser=m",
			"MigrateDatabaseIamUser requires MigrateDatabaseUrl"},
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
			t.Errorf("%s: rejected with %q, want %q", c.given, got, c.want)
		}
	}
}
