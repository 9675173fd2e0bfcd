package deployment

import (
	"slices"
	"strings"
	"testing"
)

// TestInvalidTemplate changes the template in one place at a time and expects the complaint. The test fails if a case
// does not match the template any more.
func TestInvalidTemplate(t *testing.T) {
	t.Parallel()
	valid := theTemplate(t)
	for name, c := range map[string]struct {
		old, new string // replaces the first match; an empty old inserts a resource
		want     string
	}{
		"a wildcard action": {"Action: [logs:CreateLogStream, logs:PutLogEvents]", "Action: logs:*",
			"ApiRole has the action logs:*"},
		"all actions": {"Action: secretsmanager:GetSecretValue", `Action: "*"`, "ApiRole has the action *"},
		"NotAction": {"Action: rds-db:connect", "NotAction: rds-db:connect",
			"ApiRole has a negated element"},
		"any log group": {"Resource: !GetAtt ApiLogGroup.Arn", `Resource: "*"`,
			"ApiRole may do [logs:CreateLogStream logs:PutLogEvents] on *"},
		"any secret": {"Resource: !If [OwnDatabaseBySecret, !Ref ApiSecret, !Ref DatabaseSecretArn]",
			"Resource: !Sub arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*",
			"ApiRole may do [secretsmanager:GetSecretValue] on arn:x:secretsmanager:x:x:secret:*"},
		"any user": {"dbuser:${Id}/slipway_api\n", "dbuser:${Id}/*\n",
			"ApiRole may do [rds-db:connect] on arn:x:rds-db:x:x:dbuser:x/*"},
		"more than Describe": {"Action: [ec2:DescribeNetworkInterfaces, ec2:DescribeSubnets]",
			"Action: [ec2:DescribeNetworkInterfaces, ec2:DescribeSubnets, ec2:CreateTags]",
			"ApiRole may do [ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:CreateTags] on *"},
		"code in the network": {`Condition: { "Null": { "lambda:SourceFunctionArn": "false" } }`,
			`Condition: { "Null": { "lambda:SourceFunctionArn": "true" } }`,
			"ApiRole allows the function's code what only the Lambda service needs"},
		"any bucket": {"arn:${AWS::Partition}:s3:::cloudformation-custom-resource-response-${Region}/*",
			"arn:${AWS::Partition}:s3:::*", "S3Endpoint may do [s3:PutObject] on arn:x:s3:::*"},
		"no resource": {"                Resource: !GetAtt ApiLogGroup.Arn\n", "",
			"ApiRole has no resource for [logs:CreateLogStream logs:PutLogEvents]"},
		"any principal": {"Principal: { Service: cloudwatch.amazonaws.com }\n            Action: sns:Publish",
			"Principal: \"*\"\n            Action: sns:Publish", "AlarmTopicPolicy allows any principal"},
		"a role for any principal": {"Principal: { Service: lambda.amazonaws.com }", "Principal: { AWS: \"*\" }",
			"ApiRole allows any principal"},
		"a role for an account": {"Principal: { Service: lambda.amazonaws.com }", "Principal: { AWS: !Ref AWS::AccountId }",
			"ApiRole must be limited to one service"},

		"a function URL": {"      Description: The HTTP API\n      Role",
			"      FunctionUrlConfig: { AuthType: NONE }\n      Description: The HTTP API\n      Role",
			"ApiFunction has a function URL"},
		"an internet gateway": {"", "  Internet:\n    Type: AWS::EC2::InternetGateway\n",
			"Internet has the unknown type AWS::EC2::InternetGateway"},
		"a public subnet": {"MapPublicIpOnLaunch: false", "MapPublicIpOnLaunch: true",
			"SubnetA assigns public addresses"},
		"a public database": {"PubliclyAccessible: false", "PubliclyAccessible: true",
			"Writer is publicly accessible"},
		"any address": {"SourceSecurityGroupId: !GetAtt ApiSecurityGroup.GroupId", "CidrIp: 0.0.0.0/0",
			"ApiToProxy allows addresses instead of a security group"},
		"any address, in a group": {"      GroupDescription: The database\n", "      GroupDescription: The database\n      " +
			"SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 3306, ToPort: 3306, CidrIpv6: \"::/0\" }]\n",
			"DatabaseSecurityGroup allows addresses instead of a security group"},
		"any egress": {"      SecurityGroupEgress:\n        - { Description: Nowhere, IpProtocol: icmp, FromPort: " +
			"252, ToPort: 86, CidrIp: 255.255.255.255/32 }\n", "", "DatabaseSecurityGroup has no egress rule"},
		"no TLS": {"require_secure_transport: \"ON\"", "require_secure_transport: \"OFF\"",
			"DatabaseParameters allows connections without TLS"},
		"no TLS to a proxy": {"RequireTLS: true", "RequireTLS: false", "Proxy allows connections without TLS"},
		"any gateway": {"${AWS::AccountId}:${HttpApi}/*/*", "${AWS::AccountId}:*",
			"HttpApiPermission must allow only this API to invoke ApiFunction"},
		"another function": {"      FunctionName: !Ref ApiFunction\n      Principal",
			"      FunctionName: !Ref MigrateFunction\n      Principal", "HttpApiPermission refers to MigrateFunction"},
		"a route to a job": {"functions/${ApiFunction.Arn}/invocations", "functions/${MigrateFunction.Arn}/invocations",
			"HttpApiIntegration refers to MigrateFunction"},
		"a job with events": {"      ReservedConcurrentExecutions: 1 # one", "      Events: { Nightly: { Type: Schedule, " +
			"Properties: { Schedule: rate(1 day) } } }\n      ReservedConcurrentExecutions: 1 # one",
			"MigrateFunction has events"},
		"an open route": {"AuthorizationType: !If [HasJwt, JWT, NONE]", "AuthorizationType: NONE",
			"AnyRoute (ANY /{proxy+}) has no authorizer"},
		"no such route": {"RouteKey: ANY /\n", "RouteKey: $default\n", "missing route ANY /"},
		"AUTH off": {`AUTH: !If [Anonymous, "off", required]`, `AUTH: "off"`,
			"AUTH is off, but AllowAnonymous is false"},

		"a password in a URL": {"mysql://slipway_api@${Proxy.Endpoint}", "mysql://slipway_api:hunter2@${Proxy.Endpoint}",
			"ApiFunction has a URL with a password"},
		"a master password": {"ManageMasterUserPassword: true", "MasterUserPassword: hunter2",
			"Cluster has a literal MasterUserPassword"},
		"no managed password": {"ManageMasterUserPassword: true", "ManageMasterUserPassword: false",
			"Cluster must let RDS manage the master password"},
		"a URL without NoEcho": {"    NoEcho: true\n", "", "the parameter DatabaseUrl must have NoEcho"},
		"a URL with a default": {"    NoEcho: true\n    Default: \"\"", "    NoEcho: true\n    Default: mysql://u:p@h/db",
			"the parameter DatabaseUrl has a default"},
		"no constraint description": {
			"    ConstraintDescription: must be an https:// URL, equal to the claim iss of the tokens\n", "",
			"the parameter JwtIssuer has no ConstraintDescription"},

		"code before schema": {"    DependsOn: Migration\n", "", "ApiFunction does not depend on Migration"},
		"schema before user": {"        - !If [OwnDatabase, !Ref Grants, !Ref AWS::NoValue]\n", "",
			"Migration does not depend on Grants"},
		"users before the writer": {"DependsOn: [Writer, JobsToDatabase]", "DependsOn: JobsToDatabase",
			"Grants does not depend on Writer"},
		"a constant version": {"      Version: !Ref MigrateFunction.Version\n", "      Version: \"1\"\n",
			"Migration does not run again after a change of the code"},
		"an alias as service token": {"ServiceToken: !GetAtt GrantFunction.Arn", "ServiceToken: !Ref GrantFunction.Alias",
			"Grants invokes an alias, which has the credentials of the previous deployment"},
		"one role for two": {"Role: !GetAtt MigrateRole.Arn", "Role: !GetAtt ApiRole.Arn", "has no role of its own"},
		"SAM's policies": {"      Role: !GetAtt MigrateRole.Arn",
			"      Role: !GetAtt MigrateRole.Arn\n      Policies: AWSLambdaExecute",
			"MigrateFunction has policies in addition to its role"},
		"one log for two": {"LogGroup: !Ref MigrateLogGroup", "LogGroup: !Ref ApiLogGroup",
			"has no log group of its own"},
		"no retention": {"      RetentionInDays: !Ref LogRetentionDays\n", "",
			"AccessLogGroup does not use LogRetentionDays"},
		"an alarm without action": {"      AlarmActions: [!Ref AlarmTopic]\n", "",
			"ApiErrorsAlarm does not notify AlarmTopic"},
		"no data": {"      TreatMissingData: notBreaching\n", "",
			"ApiErrorsAlarm has no TreatMissingData"},
		"a metric without alarm": {"MetricName: MigrationFailed\n      Statistic",
			"MetricName: MigrationFailures\n      Statistic", "MigrationFailed has a metric without an alarm"},
		"a misspelled name": {"DATABASE_IAM_AUTH: !If [ApiByIam", "DATABASE_IAM: !If [ApiByIam",
			"ApiFunction has the unknown variable DATABASE_IAM"},
		"no database": {"          DATABASE_URL: !Sub " +
			"mysql://${Cluster.Endpoint.Address}:3306/slipway?tls=true\n          DATABASE_SECRET_ARN: !GetAtt",
			"          DATABASE_SECRET_ARN: !GetAtt", "GrantFunction has no variable DATABASE_URL"},
		"later than the gateway": {"Timeout: 29 ", "Timeout: 31 ", "ApiFunction has Timeout 31, want 29"},
		"two at once": {"ReservedConcurrentExecutions: 1 # one", "ReservedConcurrentExecutions: 2 # one",
			"MigrateFunction has ReservedConcurrentExecutions 2, want 1"},

		"a typo": {"!Ref AlarmTopic", "!Ref AlarmTopics", "refers to AlarmTopics, which does not exist"},
		"a conditional reference": {"SourceSecurityGroupId: !If [HasProxy, !GetAtt ProxySecurityGroup.GroupId, !GetAtt " +
			"ApiSecurityGroup.GroupId]", "SourceSecurityGroupId: !GetAtt ProxySecurityGroup.GroupId",
			"ToDatabase refers to ProxySecurityGroup, which does not exist"},
		"an unconditional output": {"    Condition: HasProxy\n    Description: Endpoint of", "    Description: Endpoint of",
			"the output ProxyEndpoint refers to Proxy, which does not exist"},
		"an unknown condition": {"        - !If [HasProxy, !Ref ProxyTargets", "        - !If [HasProxies, !Ref ProxyTargets",
			"Migration refers to HasProxies, which does not exist"},
		"a duplicate key": {"  AccessLogGroup:\n", "  HttpApi:\n", "duplicate key HttpApi"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(valid, c.old, c.new, 1)
			if c.old == "" {
				changed = strings.Replace(valid, "\nResources:\n", "\nResources:\n"+c.new, 1)
			}
			if changed == valid {
				t.Fatalf("the template does not contain %q", c.old)
			}
			got := templateComplaints(changed, 1)
			if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
				t.Errorf("complaints %q, want %q", got, c.want)
			}
		})
	}
}
