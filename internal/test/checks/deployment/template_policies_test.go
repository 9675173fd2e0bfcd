package deployment

import (
	"fmt"
	"slices"
	"strings"
)

// wildcard is an allowed "*" in the resources of a policy.
type wildcard struct {
	resource string   // with x for parts that only AWS knows
	actions  []string // the actions for which it is allowed
	deny     bool     // only in a statement with the effect Deny
	reason   string
}

// wildcards are all allowed wildcards.
var wildcards = []wildcard{
	{resource: "*", actions: []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"},
		reason: "EC2 supports no narrower resource for Describe actions: " +
			"https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html"},
	{resource: "arn:x:ec2:x:x:*/*",
		actions: []string{"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses",
			"ec2:UnassignPrivateIpAddresses"},
		reason: "Lambda documents no narrower resource for its network interfaces; the function's code is denied them"},
	{resource: "*", deny: true, actions: networkActions,
		reason: "it denies actions"},
	{resource: "arn:x:s3:::cloudformation-custom-resource-response-x/*", actions: []string{"s3:PutObject"},
		reason: "CloudFormation chooses the names of responses, and the bucket has no other purpose"},
	{resource: "*", actions: keyActions,
		reason: "in a key policy it means that key"},
}

// networkActions are the actions of the Lambda service in a VPC, with the role of a function.
var networkActions = []string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:CreateNetworkInterface",
	"ec2:DeleteNetworkInterface",
	"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}

// keyActions is the prefix of the actions for keys.
var keyActions = []string{"kms:"}

// policies calls found for each statement of each policy of a stack.
func policies(s *stack, found func(name, document string, statement object)) {
	for name, r := range s.all() {
		statements(r.properties, func(document string, statement object) { found(name, document, statement) })
	}
}

// noWildcardActions: policies list their actions, without wildcards and negations.
func noWildcardActions(s *stack, complain complainer) {
	policies(s, func(name, _ string, statement object) {
		for _, action := range texts(statement["Action"]) {
			if strings.Contains(action, "*") {
				complain("%s has the action %s", name, action)
			}
		}
		if statement["NotAction"] != nil || statement["NotResource"] != nil || statement["NotPrincipal"] != nil {
			complain("%s has a negated element: NotAction, NotResource, or NotPrincipal", name)
		}
	})
}

// noWildcardResources: policies name their resources, except for the allowed wildcards.
func noWildcardResources(s *stack, complain complainer) {
	policies(s, func(name, document string, statement object) {
		actions := texts(statement["Action"])
		if len(texts(statement["Resource"])) == 0 && document != "AssumeRolePolicyDocument" {
			complain("%s has no resource for %v", name, actions)
		}
		for _, resource := range texts(statement["Resource"]) {
			if strings.Contains(resource, "*") && !slices.ContainsFunc(wildcards, func(w wildcard) bool {
				return w.covers(resource, actions, document, statement)
			}) {
				complain("%s may do %v on %s", name, actions, resource)
			}
		}
		// Only the Lambda service needs the network actions, not the function's code.
		if slices.Contains(actions, "ec2:CreateNetworkInterface") && statement["Effect"] == "Allow" &&
			!deniesItsCode(s.all()[name].properties) {
			complain("%s allows the function's code what only the Lambda service needs", name)
		}
	})
}

// covers reports whether w allows the wildcard in a resource of a statement.
func (w wildcard) covers(resource string, actions []string, document string, statement object) bool {
	return w.resource == resource && w.deny == (statement["Effect"] == "Deny") &&
		!slices.ContainsFunc(actions, func(action string) bool {
			if w.actions[0] == keyActions[0] {
				return document != "KeyPolicy" || !strings.HasPrefix(action, keyActions[0])
			}
			return !slices.Contains(w.actions, action)
		})
}

// deniesItsCode reports whether a role denies all network actions to the function's code.
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

// principalsAreLimited: no policy allows any principal, and each role is for one service. An endpoint policy may have
// "*", because its conditions and resources limit it.
func principalsAreLimited(s *stack, complain complainer) {
	policies(s, func(name, document string, statement object) {
		principal := statement["Principal"]
		o, isObject := principal.(object)
		if principal == "*" || isObject && slices.Contains(texts(o["AWS"]), "*") {
			if s.all()[name].kind != "AWS::EC2::VPCEndpoint" {
				complain("%s allows any principal", name)
			}
		}
		if document == "AssumeRolePolicyDocument" && (!isObject || len(texts(o["Service"])) != 1) {
			complain("%s must be limited to one service, not %v", name, fmt.Sprint(principal))
		}
	})
}
