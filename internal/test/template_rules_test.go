package test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"slipway/internal/aws/credentials"
	"slipway/internal/config"
)

// complainer takes a complaint about a stack.
type complainer func(format string, args ...any)

// templateRules are what holds in every stack. template_policies_test.go has those
// about policies.
var templateRules = []func(s *stack, complain complainer){
	nothingIsAbsent, onlyKnownKinds, onlyTheGatewayIsPublic, jobsAreOnNoRoute, everyRouteAsks, passwordsStandNowhere,
	orderOfADeployment, functionsAreTheirOwn, logsEnd, alarmsTell, variablesAreKnown, limitsFit,
	noActionIsAWildcard, noResourceIsAWildcard, principalsAreNamed,
}

// nothingIsAbsent: what is referred to is there, in the same stack.
func nothingIsAbsent(s *stack, complain complainer) {
	check := func(where string, names []string) {
		for _, name := range names {
			_, there := s.all()[name]
			_, isParameter := s.parameters[name]
			if !there && !isParameter && !strings.HasPrefix(name, "AWS::") {
				complain("%s refers to %s, which is not there in each stack where %s is", where, name, where)
			}
		}
	}
	for name, r := range s.all() {
		check(name, append(references(r.properties), r.dependsOn...))
	}
	for name, o := range section(s.template, "Outputs") {
		output := o.(object)
		if condition, ok := output["Condition"].(string); !ok || s.conditions[condition] {
			check("the output "+name, references(s.value(output["Value"])))
		}
	}
}

// kinds are those of resources that are known here. A new one is looked at before it is
// let in: whether it opens a door, and which rule below has to hold for it.
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

func onlyKnownKinds(s *stack, complain complainer) {
	for name, r := range s.all() {
		if !slices.Contains(kinds, r.kind) {
			complain("%s is a %s, which no rule knows: see to it that it opens no door, then add it to the kinds", name, r.kind)
		}
	}
}

// onlyTheGatewayIsPublic: no address of a function, no public subnet or instance, and no
// rule that lets in whoever comes.
func onlyTheGatewayIsPublic(s *stack, complain complainer) {
	anywhere := func(v any) bool {
		o := v.(object)
		return o["CidrIp"] != nil || o["CidrIpv6"] != nil || o["SourcePrefixListId"] != nil
	}
	for name, r := range s.all() {
		switch r.kind {
		case "AWS::Serverless::Function":
			if r.properties["FunctionUrlConfig"] != nil {
				complain("%s has an address of its own", name)
			}
		case "AWS::EC2::Subnet":
			if r.properties["MapPublicIpOnLaunch"] != "false" {
				complain("%s gives public addresses", name)
			}
		case "AWS::RDS::DBInstance", "AWS::RDS::DBCluster":
			if public := r.properties["PubliclyAccessible"]; public != "false" &&
				(public != nil || r.kind == "AWS::RDS::DBInstance") {
				complain("%s is not kept from the public", name)
			}
		case "AWS::EC2::SecurityGroup":
			rules, _ := r.properties["SecurityGroupIngress"].([]any)
			if slices.ContainsFunc(rules, anywhere) {
				complain("%s lets in addresses and not a group", name)
			}
			if out, _ := r.properties["SecurityGroupEgress"].([]any); len(out) == 0 {
				complain("%s says nothing of the way out, and so lets everything out", name)
			}
		case "AWS::EC2::SecurityGroupIngress":
			if anywhere(r.properties) {
				complain("%s lets in addresses and not a group", name)
			}
		case "AWS::RDS::DBProxy":
			if r.properties["RequireTLS"] != "true" {
				complain("%s takes connections without TLS", name)
			}
		case "AWS::RDS::DBClusterParameterGroup":
			if section(r.properties, "Parameters")["require_secure_transport"] != "ON" {
				complain("%s takes connections without TLS", name)
			}
		case "AWS::Lambda::Permission":
			if r.properties["Principal"] != "apigateway.amazonaws.com" ||
				!slices.Contains(references(r.properties["SourceArn"]), "HttpApi") ||
				!slices.Equal(references(r.properties["FunctionName"]), []string{"ApiFunction"}) {
				complain("%s lets others than this API invoke the API's function", name)
			}
		}
	}
}

// jobsAreOnNoRoute: what migrates, and what signs in as the master, is invoked by name
// and by CloudFormation.
func jobsAreOnNoRoute(s *stack, complain complainer) {
	for name, r := range s.all() {
		if r.kind == "AWS::Serverless::Function" && name != "ApiFunction" && r.properties["Events"] != nil {
			complain("%s has events", name)
		}
		for _, job := range []string{"MigrateFunction", "GrantFunction"} {
			if slices.Contains(references(r.properties), job) && !strings.HasPrefix(r.kind, "Custom::") &&
				r.kind != "AWS::CloudWatch::Alarm" {
				complain("%s is wired to %s", name, job)
			}
		}
	}
}

// everyRouteAsks: without a token there is no way in, unless AllowAnonymous says so. A
// preflight brings none.
func everyRouteAsks(s *stack, complain complainer) {
	var keys []string
	for _, name := range s.of("AWS::ApiGatewayV2::Route") {
		p := s.all()[name].properties
		key := fmt.Sprint(p["RouteKey"])
		keys = append(keys, key)
		if s.parameters["AllowAnonymous"] != "true" && !strings.HasPrefix(key, "OPTIONS ") &&
			(p["AuthorizationType"] != "JWT" || p["AuthorizerId"] == nil) {
			complain("%s (%s) asks nobody", name, key)
		}
		if !slices.Equal(references(p["Target"]), []string{"HttpApiIntegration"}) {
			complain("%s leads elsewhere than to the API", name)
		}
	}
	for _, key := range []string{"ANY /{proxy+}", "ANY /"} {
		if !slices.Contains(keys, key) {
			complain("there is no route %s", key)
		}
	}
}

// passwordsStandNowhere: neither in the template nor in what it makes.
func passwordsStandNowhere(s *stack, complain complainer) {
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
					complain("%s has a URL with a password in it", name)
				}
			}
			switch key {
			case "MasterUserPassword", "SecretString", "Password":
				complain("%s has a %s written out", name, key)
			}
		}
	}
	for name, r := range s.all() {
		walk(name, "", r.properties)
		if r.kind == "AWS::RDS::DBCluster" && r.properties["ManageMasterUserPassword"] != "true" {
			complain("%s does not leave its master's password to RDS", name)
		}
		if r.kind == "AWS::SecretsManager::Secret" && r.properties["GenerateSecretString"] == nil {
			complain("%s is not generated", name)
		}
	}
}

// parameterComplaints: a URL may hold a password, and is not shown.
func parameterComplaints(template object) (found []string) {
	for name, p := range section(template, "Parameters") {
		o := p.(object)
		secret := strings.HasSuffix(name, "Url") || strings.Contains(name, "Password") || strings.HasSuffix(name, "Secret")
		if secret && o["NoEcho"] != "true" {
			found = append(found, fmt.Sprintf("the parameter %s is shown to whoever may look at the stack", name))
		}
		if secret && o["Default"] != "" && o["Default"] != nil {
			found = append(found, fmt.Sprintf("the parameter %s has a default", name))
		}
		if o["Description"] == nil {
			found = append(found, fmt.Sprintf("the parameter %s is not described", name))
		}
		if o["AllowedPattern"] != nil && o["ConstraintDescription"] == nil {
			found = append(found, fmt.Sprintf("the parameter %s does not say what it takes", name))
		}
	}
	return found
}

// orderOfADeployment: users, then the schema, then the code that serves.
func orderOfADeployment(s *stack, complain complainer) {
	order := []string{"ApiFunction", "Migration"}
	if s.conditions["OwnDatabase"] {
		order = append(order, "Grants", "Writer", "Cluster")
	}
	for i, later := range order[:len(order)-1] {
		if earlier := order[i+1]; !s.after(later)[earlier] {
			complain("%s does not wait for %s", later, earlier)
		}
	}
	for _, r := range []string{"Migration", "Grants"} {
		if custom, there := s.all()[r]; there && len(references(custom.properties["Version"])) == 0 {
			complain("%s does not run again when the code is another", r)
		}
		if token, there := s.all()[r].properties["ServiceToken"].(object); there && token["Fn::GetAtt"] == nil {
			complain("%s asks an alias, which signs in as the deployment before", r)
		}
	}
}

// functionsAreTheirOwn: a role and a log group each.
func functionsAreTheirOwn(s *stack, complain complainer) {
	owner := map[string]string{}
	for _, name := range s.of("AWS::Serverless::Function") {
		p := s.all()[name].properties
		if p["Policies"] != nil {
			complain("%s has policies beside its role, which SAM adds to with wildcards", name)
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

// logsEnd: logs are kept for as long as they are asked for, and not for ever.
func logsEnd(s *stack, complain complainer) {
	for _, name := range s.of("AWS::Logs::LogGroup") {
		if s.all()[name].properties["RetentionInDays"] != s.parameters["LogRetentionDays"] {
			complain("%s keeps logs for ever", name)
		}
	}
	for _, name := range s.of("AWS::ApiGatewayV2::Stage") {
		if len(references(section(s.all()[name].properties, "AccessLogSettings")["DestinationArn"])) == 0 {
			complain("%s writes no access log", name)
		}
	}
}

// alarmsTell: an alarm tells somebody, and what a filter counts has one.
func alarmsTell(s *stack, complain complainer) {
	watched := map[string]bool{}
	for _, name := range s.of("AWS::CloudWatch::Alarm") {
		p := s.all()[name].properties
		watched[fmt.Sprint(text(p["Namespace"]), p["MetricName"])] = true
		if !slices.Equal(references(p["AlarmActions"]), []string{"AlarmTopic"}) {
			complain("%s tells nobody", name)
		}
		if p["TreatMissingData"] == nil {
			complain("%s does not say what no data mean", name)
		}
		if p["AlarmDescription"] == nil {
			complain("%s does not say what it means", name)
		}
	}
	for _, name := range s.of("AWS::Logs::MetricFilter") {
		for _, m := range s.all()[name].properties["MetricTransformations"].([]any) {
			if metric := m.(object); !watched[fmt.Sprint(text(metric["MetricNamespace"]), metric["MetricName"])] {
				complain("%s counts what no alarm looks at", name)
			}
		}
	}
}

// knownVariables are those that the code asks for, found by listening to it.
func knownVariables() map[string]bool {
	known := map[string]bool{}
	listen := func(values map[string]string) func(string) string {
		return func(name string) string {
			known[name] = true
			return values[name]
		}
	}
	_, _ = config.Load(listen(nil))
	_, _ = config.LoadGrant(listen(nil))
	_, _ = credentials.New("", true, listen(nil))
	return known
}

func variablesAreKnown(s *stack, complain complainer) {
	known := knownVariables()
	for _, name := range s.of("AWS::Serverless::Function") {
		variables := section(section(s.all()[name].properties, "Environment"), "Variables")
		for variable := range variables {
			if !known[variable] {
				complain("%s is given %s, which nothing reads", name, variable)
			}
		}
		for _, needed := range []string{"DATABASE_URL", "LOG_LEVEL"} {
			if variables[needed] == nil {
				complain("%s is not given %s", name, needed)
			}
		}
	}
	if auth, want := section(section(s.all()["ApiFunction"].properties, "Environment"),
		"Variables")["AUTH"],
		map[string]string{"true": "off", "false": "required"}[s.parameters["AllowAnonymous"]]; auth != want {
		complain("AUTH is %v where AllowAnonymous is %s", auth, s.parameters["AllowAnonymous"])
	}
}

// limitsFit: who waits for whom, and for how long.
func limitsFit(s *stack, complain complainer) {
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
