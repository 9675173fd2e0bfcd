package deployment

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/aws/credentials"
	"slipway/internal/config"
)

// complainer records a complaint about a stack.
type complainer func(format string, args ...any)

// templateRules are the rules for every stack.
var templateRules = []func(s *stack, complain complainer){
	referencesExist, onlyKnownTypes, onlyGatewayIsPublic, jobsHaveNoRoute, routesHaveAuthorizers, noPasswords,
	deploymentOrder, functionsShareNothing, logsExpire, alarmsNotify, variablesAreKnown, limitsMatch,
	noWildcardActions, noWildcardResources, principalsAreLimited,
}

// referencesExist: each reference is to a resource or a parameter of the same stack.
func referencesExist(s *stack, complain complainer) {
	check := func(where string, names []string) {
		for _, name := range names {
			_, there := s.all()[name]
			_, isParameter := s.parameters[name]
			if !there && !isParameter && !strings.HasPrefix(name, "AWS::") {
				complain("%s refers to %s, which does not exist in each stack that has %s", where, name, where)
			}
		}
	}
	for name, r := range s.all() {
		check(name, slices.Concat(r.references, r.dependsOn))
	}
	for name, o := range section(s.template, "Outputs") {
		output := o.(object)
		if condition, ok := output["Condition"].(string); !ok || s.conditions[condition] {
			check("the output "+name, references(s.value(output["Value"])))
		}
	}
}

// kinds are the resource types that the rules cover. Before you add a type, check whether it allows access from
// outside, and whether it needs a rule.
var kinds = []string{
	"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Integration",
	"AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Stage",
	"AWS::Serverless::Function", "AWS::Lambda::Permission", "Custom::Migration", "Custom::Grants", "AWS::IAM::Role",
	"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::RouteTable", "AWS::EC2::SubnetRouteTableAssociation",
	"AWS::EC2::VPCEndpoint",
	"AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress",
	"AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::RDS::DBSubnetGroup", "AWS::RDS::DBClusterParameterGroup",
	"AWS::RDS::DBProxy", "AWS::RDS::DBProxyTargetGroup", "AWS::RDS::DBProxyEndpoint", "AWS::SecretsManager::Secret",
	"AWS::Logs::LogGroup", "AWS::Logs::MetricFilter", "AWS::CloudWatch::Alarm", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy",
	"AWS::SNS::Subscription", "AWS::KMS::Key",
}

func onlyKnownTypes(s *stack, complain complainer) {
	for name, r := range s.all() {
		if !slices.Contains(kinds, r.kind) {
			complain("%s has the unknown type %s: check that it allows no access, and add it to kinds", name, r.kind)
		}
	}
}

// onlyGatewayIsPublic: there is no function URL, no public subnet or instance, and no ingress rule for addresses.
func onlyGatewayIsPublic(s *stack, complain complainer) {
	anywhere := func(v any) bool {
		o := v.(object)
		return o["CidrIp"] != nil || o["CidrIpv6"] != nil || o["SourcePrefixListId"] != nil
	}
	for name, r := range s.all() {
		switch r.kind {
		case "AWS::Serverless::Function":
			if r.properties["FunctionUrlConfig"] != nil {
				complain("%s has a function URL", name)
			}
		case "AWS::EC2::Subnet":
			if r.properties["MapPublicIpOnLaunch"] != "false" {
				complain("%s assigns public addresses", name)
			}
		case "AWS::RDS::DBInstance", "AWS::RDS::DBCluster":
			if public := r.properties["PubliclyAccessible"]; public != "false" &&
				(public != nil || r.kind == "AWS::RDS::DBInstance") {
				complain("%s is publicly accessible", name)
			}
		case "AWS::EC2::SecurityGroup":
			rules, _ := r.properties["SecurityGroupIngress"].([]any)
			if slices.ContainsFunc(rules, anywhere) {
				complain("%s allows addresses instead of a security group", name)
			}
			if out, _ := r.properties["SecurityGroupEgress"].([]any); len(out) == 0 {
				complain("%s has no egress rule, and so allows all egress", name)
			}
		case "AWS::EC2::SecurityGroupIngress":
			if anywhere(r.properties) {
				complain("%s allows addresses instead of a security group", name)
			}
		case "AWS::RDS::DBProxy":
			if r.properties["RequireTLS"] != "true" {
				complain("%s allows connections without TLS", name)
			}
		case "AWS::RDS::DBClusterParameterGroup":
			if section(r.properties, "Parameters")["require_secure_transport"] != "ON" {
				complain("%s allows connections without TLS", name)
			}
		case "AWS::Lambda::Permission":
			if r.properties["Principal"] != "apigateway.amazonaws.com" ||
				!slices.Contains(references(r.properties["SourceArn"]), "HttpApi") ||
				!slices.Equal(references(r.properties["FunctionName"]), []string{"ApiFunction"}) {
				complain("%s must allow only this API to invoke ApiFunction", name)
			}
		}
	}
}

// jobsHaveNoRoute: the functions for migrations and database users are invoked by name and by CloudFormation only.
func jobsHaveNoRoute(s *stack, complain complainer) {
	for name, r := range s.all() {
		if r.kind == "AWS::Serverless::Function" && name != "ApiFunction" && r.properties["Events"] != nil {
			complain("%s has events", name)
		}
		for _, job := range []string{"MigrateFunction", "GrantFunction"} {
			if slices.Contains(r.references, job) && !strings.HasPrefix(r.kind, "Custom::") &&
				r.kind != "AWS::CloudWatch::Alarm" {
				complain("%s refers to %s", name, job)
			}
		}
	}
}

// routesHaveAuthorizers: unless AllowAnonymous is true, each route requires a token, except those for preflight
// requests.
func routesHaveAuthorizers(s *stack, complain complainer) {
	var keys []string
	for _, name := range s.of("AWS::ApiGatewayV2::Route") {
		p := s.all()[name].properties
		key := fmt.Sprint(p["RouteKey"])
		keys = append(keys, key)
		if s.parameters["AllowAnonymous"] != "true" && !strings.HasPrefix(key, "OPTIONS ") &&
			(p["AuthorizationType"] != "JWT" || p["AuthorizerId"] == nil) {
			complain("%s (%s) has no authorizer", name, key)
		}
		if !slices.Equal(references(p["Target"]), []string{"HttpApiIntegration"}) {
			complain("the target of %s is not HttpApiIntegration", name)
		}
	}
	for _, key := range []string{"ANY /{proxy+}", "ANY /"} {
		if !slices.Contains(keys, key) {
			complain("missing route %s", key)
		}
	}
}

// noPasswords: neither the template nor its resources contain a literal password.
func noPasswords(s *stack, complain complainer) {
	var walk func(name, key string, v any)
	walk = func(name, key string, v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(name, key, item)
			}
		case object:
			for k, item := range v {
				walk(name, k, item)
			}
			if sub, ok := v["Fn::Sub"]; ok {
				walk(name, key, text(object{"Fn::Sub": sub}))
			}
		case string:
			if u, err := url.Parse(v); err == nil && u.User != nil {
				if _, has := u.User.Password(); has {
					complain("%s has a URL with a password", name)
				}
			}
			switch key {
			case "MasterUserPassword", "SecretString", "Password":
				complain("%s has a literal %s", name, key)
			}
		}
	}
	for name, r := range s.all() {
		walk(name, "", r.properties)
		if r.kind == "AWS::RDS::DBCluster" && r.properties["ManageMasterUserPassword"] != "true" {
			complain("%s must let RDS manage the master password", name)
		}
		if r.kind == "AWS::SecretsManager::Secret" && r.properties["GenerateSecretString"] == nil {
			complain("the value of %s is not generated", name)
		}
	}
}

// parameterComplaints checks the parameters. A URL may contain a password, so it needs NoEcho.
func parameterComplaints(template object) (found []string) {
	for name, p := range section(template, "Parameters") {
		o := p.(object)
		secret := strings.HasSuffix(name, "Url") || strings.Contains(name, "Password") || strings.HasSuffix(name, "Secret")
		if secret && o["NoEcho"] != "true" {
			found = append(found, fmt.Sprintf("the parameter %s must have NoEcho", name))
		}
		if secret && o["Default"] != "" && o["Default"] != nil {
			found = append(found, fmt.Sprintf("the parameter %s has a default", name))
		}
		if o["Description"] == nil {
			found = append(found, fmt.Sprintf("the parameter %s has no Description", name))
		}
		if o["AllowedPattern"] != nil && o["ConstraintDescription"] == nil {
			found = append(found, fmt.Sprintf("the parameter %s has no ConstraintDescription", name))
		}
	}
	return found
}

// deploymentOrder: database users are created first, then the schema is migrated, then the API code is updated.
func deploymentOrder(s *stack, complain complainer) {
	order := []string{"ApiFunction", "Migration"}
	if s.conditions["OwnDatabase"] {
		order = append(order, "Grants", "Writer", "Cluster")
	}
	for i, later := range order[:len(order)-1] {
		if earlier := order[i+1]; !s.after(later)[earlier] {
			complain("%s does not depend on %s", later, earlier)
		}
	}
	for _, r := range []string{"Migration", "Grants"} {
		if custom, there := s.all()[r]; there && len(references(custom.properties["Version"])) == 0 {
			complain("%s does not run again after a change of the code", r)
		}
		if token, there := s.all()[r].properties["ServiceToken"].(object); there && token["Fn::GetAtt"] == nil {
			complain("%s invokes an alias, which has the credentials of the previous deployment", r)
		}
	}
}

// functionsShareNothing: each function has its own role and log group.
func functionsShareNothing(s *stack, complain complainer) {
	owner := map[string]string{}
	for _, name := range s.of("AWS::Serverless::Function") {
		p := s.all()[name].properties
		if p["Policies"] != nil {
			complain("%s has policies in addition to its role, for which SAM adds wildcards", name)
		}
		for what, v := range map[string]any{"role": p["Role"], "log group": section(p, "LoggingConfig")["LogGroup"]} {
			names := references(v)
			if len(names) != 1 || owner[names[0]] != "" {
				complain("%s has no %s of its own", name, what)
				continue
			}
			owner[names[0]] = name
		}
	}
}

// logsExpire: each log group has a retention time, and each stage an access log.
func logsExpire(s *stack, complain complainer) {
	for _, name := range s.of("AWS::Logs::LogGroup") {
		if s.all()[name].properties["RetentionInDays"] != s.parameters["LogRetentionDays"] {
			complain("%s does not use LogRetentionDays", name)
		}
	}
	for _, name := range s.of("AWS::ApiGatewayV2::Stage") {
		if len(references(section(s.all()[name].properties, "AccessLogSettings")["DestinationArn"])) == 0 {
			complain("%s has no access log", name)
		}
	}
}

// alarmsNotify: each alarm has an action, and each metric filter has an alarm.
func alarmsNotify(s *stack, complain complainer) {
	watched := map[string]bool{}
	for _, name := range s.of("AWS::CloudWatch::Alarm") {
		p := s.all()[name].properties
		watched[fmt.Sprint(text(p["Namespace"]), p["MetricName"])] = true
		if !slices.Equal(references(p["AlarmActions"]), []string{"AlarmTopic"}) {
			complain("%s does not notify AlarmTopic", name)
		}
		if p["TreatMissingData"] == nil {
			complain("%s has no TreatMissingData", name)
		}
		if p["AlarmDescription"] == nil {
			complain("%s has no AlarmDescription", name)
		}
	}
	for _, name := range s.of("AWS::Logs::MetricFilter") {
		for _, m := range s.all()[name].properties["MetricTransformations"].([]any) {
			if metric := m.(object); !watched[fmt.Sprint(text(metric["MetricNamespace"]), metric["MetricName"])] {
				complain("%s has a metric without an alarm", name)
			}
		}
	}
}

// knownVariables returns the environment variables that the code reads. It records their names.
func knownVariables() map[string]bool {
	known := map[string]bool{}
	record := func(values map[string]string) func(string) string {
		return func(name string) string {
			known[name] = true
			return values[name]
		}
	}
	_, _ = config.Load(record(nil))
	_, _ = config.LoadGrant(record(nil))
	_, _ = credentials.New("", true, record(nil))
	return known
}

func variablesAreKnown(s *stack, complain complainer) {
	known := knownVariables()
	for _, name := range s.of("AWS::Serverless::Function") {
		variables := section(section(s.all()[name].properties, "Environment"), "Variables")
		for variable := range variables {
			if !known[variable] {
				complain("%s has the unknown variable %s", name, variable)
			}
		}
		for _, needed := range []string{"DATABASE_URL", "LOG_LEVEL"} {
			if variables[needed] == nil {
				complain("%s has no variable %s", name, needed)
			}
		}
	}
	if auth, want := section(section(s.all()["ApiFunction"].properties, "Environment"),
		"Variables")["AUTH"],
		map[string]string{"true": "off", "false": "required"}[s.parameters["AllowAnonymous"]]; auth != want {
		complain("AUTH is %v, but AllowAnonymous is %s", auth, s.parameters["AllowAnonymous"])
	}
}

// limitsMatch: timeouts and other properties have the values that the code relies on.
func limitsMatch(s *stack, complain complainer) {
	want := func(name, property, value string) {
		if r, there := s.all()[name]; there && fmt.Sprint(r.properties[property]) != value {
			complain("%s has %s %v, want %s", name, property, r.properties[property], value)
		}
	}
	want("ApiFunction", "Timeout", "29")
	want("HttpApiIntegration", "TimeoutInMillis", "30000")
	want("HttpApiIntegration", "PayloadFormatVersion", "2.0")
	want("HttpApiStage", "StageName", "$default")
	want("MigrateFunction", "Timeout", "900")
	want("MigrateFunction", "ReservedConcurrentExecutions", "1")
	want("Proxy", "IdleClientTimeout", "1800")
	want("Cluster", "StorageEncrypted", "true")
	want("Cluster", "DeletionProtection", s.parameters["DatabaseDeletionProtection"])
}
