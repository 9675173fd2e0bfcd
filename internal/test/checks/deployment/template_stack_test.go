package deployment

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// stack is the template with values for its parameters. Conditions are evaluated, resources whose condition is false
// are left out, and references to parameters are replaced.
type stack struct {
	template   object
	parameters map[string]string
	conditions map[string]bool
	resources  map[string]resource
}

// resource is a resource of a stack.
type resource struct {
	kind       string
	properties object
	references []string // of the properties
	dependsOn  []string
	metadata   object
}

// newStack returns the stack for the given parameters, and the defaults of the others.
func newStack(template object, given map[string]string) *stack {
	s := &stack{template: template, parameters: map[string]string{}, conditions: map[string]bool{}}
	for name, p := range section(template, "Parameters") {
		value, isGiven := given[name]
		if !isGiven {
			value, _ = p.(object)["Default"].(string)
		}
		s.parameters[name] = value
	}
	for name, condition := range section(template, "Conditions") {
		s.conditions[name] = s.decide(condition)
	}
	return s
}

func section(o object, name string) object {
	inside, _ := o[name].(object)
	return inside
}

// decide returns the value of a condition. It panics for an unknown function.
func (s *stack) decide(condition any) bool {
	o, _ := condition.(object)
	for function, argument := range o {
		list, _ := argument.([]any)
		switch function {
		case "Condition":
			return s.decide(section(s.template, "Conditions")[argument.(string)])
		case "Fn::Equals":
			return fmt.Sprint(s.value(list[0])) == fmt.Sprint(s.value(list[1]))
		case "Fn::Not":
			return !s.decide(list[0])
		case "Fn::And":
			return !slices.ContainsFunc(list, func(c any) bool { return !s.decide(c) })
		case "Fn::Or":
			return slices.ContainsFunc(list, s.decide)
		}
	}
	panic(fmt.Sprintf("invalid condition: %v", condition))
}

// refusals returns the descriptions of the failed assertions.
func (s *stack) refusals() (sentences []string) {
	for _, r := range section(s.template, "Rules") {
		rule := r.(object)
		if condition, ok := rule["RuleCondition"]; ok && !s.decide(condition) {
			continue
		}
		for _, a := range rule["Assertions"].([]any) {
			if assertion := a.(object); !s.decide(assertion["Assert"]) {
				sentences = append(sentences, assertion["AssertDescription"].(string))
			}
		}
	}
	return sentences
}

// nothing is the value of AWS::NoValue.
type nothing struct{}

// value evaluates functions that depend on parameters. Values that only AWS knows stay unchanged.
func (s *stack) value(v any) any {
	switch v := v.(type) {
	case []any:
		list := []any{}
		for _, item := range v {
			if item = s.value(item); item != (any)(nothing{}) {
				list = append(list, item)
			}
		}
		return list
	case object:
		if name, ok := v["Ref"].(string); ok && len(v) == 1 {
			if name == "AWS::NoValue" {
				return nothing{}
			}
			if value, isParameter := s.parameters[name]; isParameter {
				return value
			}
			return v
		}
		if branches, ok := v["Fn::If"].([]any); ok && len(branches) == 3 {
			condition, known := s.conditions[fmt.Sprint(branches[0])]
			switch {
			case !known:
				return object{"Ref": fmt.Sprint(branches[0])} // referencesExist reports it
			case condition:
				return s.value(branches[1])
			}
			return s.value(branches[2])
		}
		o := object{}
		for key, item := range v {
			if item = s.value(item); item != (any)(nothing{}) {
				o[key] = item
			}
		}
		return o
	}
	return v
}

// all returns the resources of the stack, by name.
func (s *stack) all() map[string]resource {
	if s.resources != nil {
		return s.resources
	}
	s.resources = map[string]resource{}
	functions := section(section(s.template, "Globals"), "Function")
	for name, r := range section(s.template, "Resources") {
		o := r.(object)
		if condition, ok := o["Condition"].(string); ok && !s.conditions[condition] {
			continue
		}
		properties, _ := s.value(section(o, "Properties")).(object)
		res := resource{kind: fmt.Sprint(o["Type"]), properties: properties, metadata: section(o, "Metadata")}
		if res.kind == "AWS::Serverless::Function" {
			for key, value := range functions {
				if _, own := properties[key]; !own {
					properties[key] = s.value(value)
				}
			}
		}
		res.references = references(properties)
		switch d := o["DependsOn"].(type) {
		case string:
			res.dependsOn = []string{d}
		case []any:
			for _, item := range d {
				res.dependsOn = append(res.dependsOn, fmt.Sprint(item))
			}
		}
		s.resources[name] = res
	}
	return s.resources
}

// of returns the sorted names of the resources of a type.
func (s *stack) of(kind string) (names []string) {
	for name, r := range s.all() {
		if r.kind == kind {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// inSub matches a name in Fn::Sub.
var inSub = regexp.MustCompile(`\$\{([A-Za-z0-9:.]+)\}`)

// references returns the names of the resources, parameters, and pseudo parameters that a value refers to. A Ref to a
// resource that SAM generates, such as F.Alias, counts as one to F.
func references(v any) (names []string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			names = append(names, references(item)...)
		}
	case object:
		for key, item := range v {
			switch key {
			case "Ref":
				name, _, _ := strings.Cut(fmt.Sprint(item), ".")
				names = append(names, name)
			case "Fn::GetAtt":
				names = append(names, fmt.Sprint(item.([]any)[0]))
			case "Fn::Sub":
				text, local := item, object{}
				if list, ok := item.([]any); ok {
					text, local = list[0], list[1].(object)
					names = append(names, references(local)...)
				}
				for _, match := range inSub.FindAllStringSubmatch(fmt.Sprint(text), -1) {
					if _, isLocal := local[match[1]]; !isLocal {
						name, _, _ := strings.Cut(match[1], ".")
						names = append(names, name)
					}
				}
			default:
				names = append(names, references(item)...)
			}
		}
	}
	return names
}

// after returns the resources that a resource depends on, directly or indirectly.
func (s *stack) after(name string) map[string]bool {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		r := s.all()[name]
		for _, other := range slices.Concat(r.references, r.dependsOn) {
			if _, there := s.all()[other]; there && !seen[other] {
				seen[other] = true
				visit(other)
			}
		}
	}
	visit(name)
	return seen
}

// text returns a value as text, with the placeholder x for parts that only AWS knows.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case object:
		if sub, ok := v["Fn::Sub"]; ok {
			if list, ok := sub.([]any); ok {
				sub = list[0]
			}
			return inSub.ReplaceAllString(fmt.Sprint(sub), "x")
		}
		return "x"
	}
	return fmt.Sprint(v)
}

// texts returns a value, or the values of a list, as text.
func texts(v any) (list []string) {
	if v == nil {
		return nil
	}
	if items, ok := v.([]any); ok {
		for _, item := range items {
			list = append(list, texts(item)...)
		}
		return list
	}
	return []string{text(v)}
}

// statements calls found for each statement of each policy in a value. document is the key of the policy:
// AssumeRolePolicyDocument, PolicyDocument, or KeyPolicy.
func statements(v any, found func(document string, statement object)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			statements(item, found)
		}
	case object:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if inside, ok := v[key].(object); ok && inside["Statement"] != nil {
				for _, statement := range inside["Statement"].([]any) {
					found(key, statement.(object))
				}
			} else {
				statements(v[key], found)
			}
		}
	}
}
