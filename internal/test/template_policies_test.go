package test

import (
	"fmt"
	"slices"
	"strings"
)

// wildcard is a star in the resources of a policy that stands there for a reason.
type wildcard struct {
	resource string   // as it is written, with x for what only AWS can say
	actions  []string // for which it may stand
	deny     bool     // in a statement that denies; there it is no danger
	reason   string
}

// wildcards are all that there are. What is not here has to name what it is about.
var wildcards = []wildcard{
	{resource: "*", actions: []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"},
		reason: "EC2 knows no narrower resource for looking: " +
			"https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html"},
	{resource: "arn:x:ec2:x:x:*/*",
		actions: []string{"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses",
			"ec2:UnassignPrivateIpAddresses"},
		reason: "the narrowest that Lambda documents for its network interfaces; the function's own code is denied them"},
	{resource: "*", deny: true, actions: networkActions,
		reason: "it takes away"},
	{resource: "arn:x:s3:::cloudformation-custom-resource-response-x/*", actions: []string{"s3:PutObject"},
		reason: "the names of answers are CloudFormation's, and the bucket is for nothing else"},
	{resource: "*", actions: keyActions,
		reason: "in the policy of a key it means that key"},
}

// networkActions are what Lambda does in a network with the role of a function.
var networkActions = []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:CreateNetworkInterface",
	"ec2:DeleteNetworkInterface",
	"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}

// keyActions begin with kms:, and are looked at by their beginning.
var keyActions = []string{"kms:"}

// policies returns every statement of every policy of a stack.
func policies(s *stack, found func(name, document string, statement object)) {
	for name, r := range s.all() {
		statements(r.properties, func(document string, statement object) { found(name, document, statement) })
	}
}

// noActionIsAWildcard: what may be done is written out.
func noActionIsAWildcard(s *stack, complain complainer) {
	policies(s, func(name, _ string, statement object) {
		for _, action := range texts(statement["Action"]) {
			if strings.Contains(action, "*") {
				complain("%s has the action %s", name, action)
			}
		}
		if statement["NotAction"] != nil || statement["NotResource"] != nil || statement["NotPrincipal"] != nil {
			complain("%s says what is not meant, instead of what is", name)
		}
	})
}

// noResourceIsAWildcard: on what it may be done is written out, too.
func noResourceIsAWildcard(s *stack, complain complainer) {
	policies(s, func(name, document string, statement object) {
		actions := texts(statement["Action"])
		if len(texts(statement["Resource"])) == 0 && document != "AssumeRolePolicyDocument" {
			complain("%s does not say on what %v may be done", name, actions)
		}
		for _, resource := range texts(statement["Resource"]) {
			if strings.Contains(resource, "*") && !slices.ContainsFunc(wildcards, func(w wildcard) bool {
				return w.covers(resource, actions, document, statement)
			}) {
				complain("%s may do %v on %s", name, actions, resource)
			}
		}
		// What lets Lambda into the network is not for the function's code.
		if slices.Contains(actions, "ec2:CreateNetworkInterface") && statement["Effect"] == "Allow" &&
			!deniesItsCode(s.all()[name].properties) {
			complain("%s lets the function's code do what is for Lambda alone", name)
		}
	})
}

// covers says whether a star stands there for this reason.
func (w wildcard) covers(resource string, actions []string, document string, statement object) bool {
	return w.resource == resource && w.deny == (statement["Effect"] == "Deny") &&
		!slices.ContainsFunc(actions, func(action string) bool {
			if w.actions[0] == keyActions[0] {
				return document != "KeyPolicy" || !strings.HasPrefix(action, keyActions[0])
			}
			return !slices.Contains(w.actions, action)
		})
}

// deniesItsCode looks for the statement that denies all of it to calls of code.
func deniesItsCode(role object) (found bool) {
	statements(role, func(_ string, statement object) {
		condition := section(section(statement, "Condition"), "Null")
		if statement["Effect"] == "Deny" && condition["lambda:SourceFunctionArn"] == "false" &&
			!slices.ContainsFunc(networkActions, func(action string) bool {
				return !slices.Contains(texts(statement["Action"]), action)
			}) {
			found = true
		}
	})
	return found
}

// principalsAreNamed: who may do it. An endpoint's star is for whoever is in the network,
// which its own conditions and resources bound.
func principalsAreNamed(s *stack, complain complainer) {
	policies(s, func(name, document string, statement object) {
		principal := statement["Principal"]
		o, isObject := principal.(object)
		if principal == "*" || isObject && slices.Contains(texts(o["AWS"]), "*") {
			if s.all()[name].kind != "AWS::EC2::VPCEndpoint" {
				complain("%s lets in everyone", name)
			}
		}
		if document == "AssumeRolePolicyDocument" && (!isObject || len(texts(o["Service"])) != 1) {
			complain("%s may be taken on by others than one service: %v", name, fmt.Sprint(principal))
		}
	})
}
