package test

import (
	"slices"
	"strings"
	"testing"
)

// TestBrokenTemplate breaks the template in one place at a time and expects the
// complaint. A case whose place is no longer there is a fault of the case.
func TestBrokenTemplate(t *testing.T) {
	t.Parallel()
	whole := theTemplate(t)
	for name, c := range map[string]struct {
		old, new string // of the first place; an empty old is the beginning of the resources
		want     string
	}{
		"an action of all": {"Action: [logs:CreateLogStream, logs:PutLogEvents]", "Action: logs:*",
			"ApiRole has the action logs:*"},
		"all actions": {"Action: secretsmanager:GetSecretValue", `Action: "*"`, "ApiRole has the action *"},
		"all but": {"Action: rds-db:connect", "NotAction: rds-db:connect",
			"ApiRole says what is not meant, instead of what is"},
		"any log group": {"Resource: !GetAtt ApiLogGroup.Arn", `Resource: "*"`,
			"ApiRole may do [logs:CreateLogStream logs:PutLogEvents] on *"},
		"any secret": {"Resource: !If [OwnDatabaseBySecret, !Ref ApiSecret, !Ref DatabaseSecretArn]",
			"Resource: !Sub arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*",
			"ApiRole may do [secretsmanager:GetSecretValue] on arn:x:secretsmanager:x:x:secret:*"},
		"any user": {"dbuser:${Id}/slipway_api\n", "dbuser:${Id}/*\n",
			"ApiRole may do [rds-db:connect] on arn:x:rds-db:x:x:dbuser:x/*"},
		"more than looking": {"Action: [ec2:DescribeNetworkInterfaces, ec2:DescribeSubnets]",
			"Action: [ec2:DescribeNetworkInterfaces, ec2:DescribeSubnets, ec2:CreateTags]",
			"ApiRole may do [ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:CreateTags] on *"},
		"code in the network": {`Condition: { "Null": { "lambda:SourceFunctionArn": "false" } }`,
			`Condition: { "Null": { "lambda:SourceFunctionArn": "true" } }`,
			"ApiRole lets the function's code do what is for Lambda alone"},
		"any bucket": {"arn:${AWS::Partition}:s3:::cloudformation-custom-resource-response-${Region}/*",
			"arn:${AWS::Partition}:s3:::*", "S3Endpoint may do [s3:PutObject] on arn:x:s3:::*"},
		"nothing named": {"                Resource: !GetAtt ApiLogGroup.Arn\n", "",
			"ApiRole does not say on what [logs:CreateLogStream logs:PutLogEvents] may be done"},
		"everyone": {"Principal: { Service: cloudwatch.amazonaws.com }\n            Action: sns:Publish",
			"Principal: \"*\"\n            Action: sns:Publish", "AlarmTopicPolicy lets in everyone"},
		"a role for all": {"Principal: { Service: lambda.amazonaws.com }", "Principal: { AWS: \"*\" }",
			"ApiRole lets in everyone"},
		"a role of who": {"Principal: { Service: lambda.amazonaws.com }", "Principal: { AWS: !Ref AWS::AccountId }",
			"ApiRole may be taken on by others than one service"},

		"an address of its own": {"      Description: The HTTP API\n      Role",
			"      FunctionUrlConfig: { AuthType: NONE }\n      Description: The HTTP API\n      Role",
			"ApiFunction has an address of its own"},
		"a way to the internet": {"", "  Door:\n    Type: AWS::EC2::InternetGateway\n",
			"Door is a AWS::EC2::InternetGateway, which no rule knows"},
		"a public subnet": {"MapPublicIpOnLaunch: false", "MapPublicIpOnLaunch: true",
			"SubnetA gives public addresses"},
		"a public database": {"PubliclyAccessible: false", "PubliclyAccessible: true",
			"Writer is not kept from the public"},
		"whoever comes": {"SourceSecurityGroupId: !GetAtt ApiSecurityGroup.GroupId", "CidrIp: 0.0.0.0/0",
			"ApiToProxy lets in addresses and not a group"},
		"whoever comes, inside": {"      GroupDescription: The database\n", "      GroupDescription: The database\n      " +
			"SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 3306, ToPort: 3306, CidrIpv6: \"::/0\" }]\n",
			"DatabaseSecurityGroup lets in addresses and not a group"},
		"out to anywhere": {"      SecurityGroupEgress:\n        - { Description: Nowhere, IpProtocol: icmp, FromPort: " +
			"252, ToPort: 86, CidrIp: 255.255.255.255/32 }\n", "", "DatabaseSecurityGroup says nothing of the way out"},
		"no TLS": {"require_secure_transport: \"ON\"", "require_secure_transport: \"OFF\"",
			"DatabaseParameters takes connections without TLS"},
		"no TLS to a proxy": {"RequireTLS: true", "RequireTLS: false", "Proxy takes connections without TLS"},
		"any gateway": {"${AWS::AccountId}:${HttpApi}/*/*", "${AWS::AccountId}:*",
			"HttpApiPermission lets others than this API invoke the API's function"},
		"another's function": {"      FunctionName: !Ref ApiFunction\n      Principal",
			"      FunctionName: !Ref MigrateFunction\n      Principal", "HttpApiPermission is wired to MigrateFunction"},
		"a route to a job": {"functions/${ApiFunction.Arn}/invocations", "functions/${MigrateFunction.Arn}/invocations",
			"HttpApiIntegration is wired to MigrateFunction"},
		"a job with events": {"      ReservedConcurrentExecutions: 1 # one", "      Events: { Nightly: { Type: Schedule, " +
			"Properties: { Schedule: rate(1 day) } } }\n      ReservedConcurrentExecutions: 1 # one",
			"MigrateFunction has events"},
		"an open route": {"AuthorizationType: !If [HasJwt, JWT, NONE]", "AuthorizationType: NONE",
			"AnyRoute (ANY /{proxy+}) asks nobody"},
		"no such route": {"RouteKey: ANY /\n", "RouteKey: $default\n", "there is no route ANY /"},
		"asks nobody": {`AUTH: !If [Anonymous, "off", required]`, `AUTH: "off"`,
			"AUTH is off where AllowAnonymous is false"},

		"a password in a URL": {"mysql://slipway_api@${Proxy.Endpoint}", "mysql://slipway_api:hunter2@${Proxy.Endpoint}",
			"ApiFunction has a URL with a password in it"},
		"a master's password": {"ManageMasterUserPassword: true", "MasterUserPassword: hunter2",
			"Cluster has a MasterUserPassword written out"},
		"nobody's password": {"ManageMasterUserPassword: true", "ManageMasterUserPassword: false",
			"Cluster does not leave its master's password to RDS"},
		"a shown URL": {"    NoEcho: true\n", "", "the parameter DatabaseUrl is shown"},
		"a URL by itself": {"    NoEcho: true\n    Default: \"\"", "    NoEcho: true\n    Default: mysql://u:p@h/db",
			"the parameter DatabaseUrl has a default"},
		"a parameter of what": {"    ConstraintDescription: an https:// URL, as the tokens have it in iss\n", "",
			"the parameter JwtIssuer does not say what it takes"},

		"code before schema": {"    DependsOn: Migration\n", "", "ApiFunction does not wait for Migration"},
		"schema before user": {"        - !If [OwnDatabase, !Ref Grants, !Ref AWS::NoValue]\n", "",
			"Migration does not wait for Grants"},
		"users of nobody": {"DependsOn: [Writer, JobsToDatabase]", "DependsOn: JobsToDatabase",
			"Grants does not wait for Writer"},
		"migrates once": {"      Version: !Ref MigrateFunction.Version\n", "      Version: \"1\"\n",
			"Migration does not run again when the code is another"},
		"a stale environment": {"ServiceToken: !GetAtt GrantFunction.Arn", "ServiceToken: !Ref GrantFunction.Alias",
			"Grants asks an alias, which signs in as the deployment before"},
		"one role for two": {"Role: !GetAtt MigrateRole.Arn", "Role: !GetAtt ApiRole.Arn", "has no role of its own"},
		"SAM's policies": {"      Role: !GetAtt MigrateRole.Arn",
			"      Role: !GetAtt MigrateRole.Arn\n      Policies: AWSLambdaExecute",
			"MigrateFunction has policies beside its role"},
		"one log for two": {"LogGroup: !Ref MigrateLogGroup", "LogGroup: !Ref ApiLogGroup",
			"has no log group of its own"},
		"logs for ever": {"      RetentionInDays: !Ref LogRetentionDays\n", "",
			"AccessLogGroup keeps logs for ever"},
		"a mute alarm": {"      AlarmActions: [!Ref AlarmTopic]\n", "", "ApiErrorsAlarm tells nobody"},
		"no data": {"      TreatMissingData: notBreaching\n", "",
			"ApiErrorsAlarm does not say what no data mean"},
		"counted for nobody": {"MetricName: MigrationFailed\n      Statistic",
			"MetricName: MigrationFailures\n      Statistic", "MigrationFailed counts what no alarm looks at"},
		"a misspelt name": {"DATABASE_IAM_AUTH: !If [ApiByIam", "DATABASE_IAM: !If [ApiByIam",
			"ApiFunction is given DATABASE_IAM, which nothing reads"},
		"no database": {"          DATABASE_URL: !Sub " +
			"mysql://${Cluster.Endpoint.Address}:3306/slipway?tls=true\n          DATABASE_SECRET_ARN: !GetAtt",
			"          DATABASE_SECRET_ARN: !GetAtt", "GrantFunction is not given DATABASE_URL"},
		"later than the gateway": {"Timeout: 29 ", "Timeout: 31 ", "ApiFunction has Timeout 31, want 29"},
		"two at once": {"ReservedConcurrentExecutions: 1 # one", "ReservedConcurrentExecutions: 2 # one",
			"MigrateFunction has ReservedConcurrentExecutions 2, want 1"},

		"a typo": {"!Ref AlarmTopic", "!Ref AlarmTopics", "refers to AlarmTopics, which is not there"},
		"there at times": {"SourceSecurityGroupId: !If [HasProxy, !GetAtt ProxySecurityGroup.GroupId, !GetAtt " +
			"ApiSecurityGroup.GroupId]", "SourceSecurityGroupId: !GetAtt ProxySecurityGroup.GroupId",
			"ToDatabase refers to ProxySecurityGroup, which is not there"},
		"an output at times": {"    Condition: HasProxy\n    Description: Where the API", "    Description: Where the API",
			"the output ProxyEndpoint refers to Proxy, which is not there"},
		"a condition of none": {"        - !If [HasProxy, !Ref ProxyTargets", "        - !If [HasProxies, !Ref ProxyTargets",
			"Migration refers to HasProxies, which is not there"},
		"twice": {"  AccessLogGroup:\n", "  HttpApi:\n", "HttpApi stands there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			broken := strings.Replace(whole, c.old, c.new, 1)
			if c.old == "" {
				broken = strings.Replace(whole, "\nResources:\n", "\nResources:\n"+c.new, 1)
			}
			if broken == whole {
				t.Fatalf("there is no such place: %q", c.old)
			}
			got := templateComplaints(broken, 1)
			if !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.want) }) {
				t.Errorf("complaints %q, want %q", got, c.want)
			}
		})
	}
}
