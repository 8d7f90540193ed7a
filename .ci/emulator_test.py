#!/usr/bin/env python3
"""Deploys a small application into `emulator.py` and proves each of its points, once with the bridge and once
without: an unexpected success is a point that ministack has come to meet by itself."""
import http.client
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from emulator import replace_environment

HERE = pathlib.Path(__file__).resolve().parent
EMULATOR = [HERE.with_name(".venv") / "emulator/bin/python", HERE / "emulator.py"]
BOOTSTRAP = '''#!PYTHON
import json, os, time, urllib.request
invocation = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(invocation + "next") as response:
        event, invoked = json.load(response), response.headers["Lambda-Runtime-Aws-Request-Id"]
    context, path = event.get("requestContext"), event.get("path")
    token = event.get("headers", {}).get("authorization")
    if "Records" in event:
        names = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        again = os.path.exists("STREAMED")
        with open("STREAMED", "a") as streamed: print(*names, file=streamed)
        answer = {"batchItemFailures": [] if again else [{"itemIdentifier": names[0]}]}
    elif "methodArn" in event:
        statement = {"Action": "*", "Resource": "*", "Effect": "Deny" if token == "denied" else "Allow"}
        answer = {"usageIdentifierKey": token, "context": {"token": token, "id": context.get("requestId")},
                  "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    elif path == "/malformed": answer = {"answer": 42}
    elif path == "/crashed": os._exit(1)
    elif path == "/late": time.sleep(5)
    else:
        body = {"ids": [context["requestId"], context["authorizer"].get("id")], "environment": dict(os.environ)}
        answer = {"statusCode": 200, "body": json.dumps(body)}
    urllib.request.urlopen(invocation + invoked + "/response", json.dumps(answer).encode())
'''
TEMPLATE = '''
Transform: AWS::Serverless-2016-10-31
Resources:
  Table: {Type: AWS::Serverless::SimpleTable}
  Queue: {Type: AWS::SQS::Queue}
  Streamed: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST,
    StreamSpecification: {StreamViewType: NEW_IMAGE}, KeySchema: [{AttributeName: id, KeyType: HASH}],
    AttributeDefinitions: [{AttributeName: id, AttributeType: S}]}}
  QueuePolicy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Queue], PolicyDocument: {
    Version: '2012-10-17', Statement: [{Effect: Deny, Principal: '*', Action: 'sqs:*', Resource: '*',
      Condition: {Bool: {aws:SecureTransport: 'false'}}}]}}}
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: v1, DefinitionBody: {openapi: 3.0.1,
    info: {title: probe, version: '1'}, x-amazon-apigateway-api-key-source: AUTHORIZER,
    securityDefinitions: {api_key: {type: apiKey, name: x-api-key, in: header}}, paths: {
      /keyed: {get: &function {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub
        'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations'},
        security: [{Own: []}, {api_key: []}]}},
      '/{other}': {get: {<<: *function, security: [{Own: []}]}},
      /throttled: {get: {x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Sub
        'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Throttled.Alias}/invocations'},
        security: [{Own: []}]}},
      '/any/{proxy+}': {x-amazon-apigateway-any-method: {<<: *function, security: [{Own: []}]}}}},
    GatewayResponses: {DEFAULT_4XX: &response {
      ResponseParameters: {Headers: {X-Revision: "'REVISION'", X-Token: context.authorizer.token}},
      ResponseTemplates: {application/json: '{"message":$context.error.messageString,"time":"$context.requestTime",
        "token":"$context.authorizer.token","absent":"$context.authorizer.absent"}'}}, DEFAULT_5XX: *response},
    Auth: {DefaultAuthorizer: Own, Authorizers: {Own: {
      FunctionArn: !GetAtt Function.Arn, FunctionPayloadType: REQUEST, Identity: {Headers: [Authorization]}}}}}}
  Function: {Type: AWS::Serverless::Function, Properties: {
    Runtime: provided.al2023, Handler: bootstrap, CodeUri: code, Timeout: 2,
    Policies: [{DynamoDBReadPolicy: {TableName: !Ref Table}}, {Statement: [
      {Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Queue.Arn}]}], Events: {
      Keyed: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: /keyed}},
      Other: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: '/{other}'}},
      Any: {Type: Api, Properties: {RestApiId: !Ref Api, Method: ANY, Path: '/any/{proxy+}'}},
      Changes: {Type: DynamoDB, Properties: {Stream: !GetAtt Streamed.StreamArn, StartingPosition: TRIM_HORIZON,
        FunctionResponseTypes: [ReportBatchItemFailures]}}}}}
  Throttled: {Type: AWS::Serverless::Function, Properties: {
    Runtime: provided.al2023, Handler: bootstrap, CodeUri: code, AutoPublishAlias: live, Events: {
      Api: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: /throttled}}}}}
'''


class WithBridge(unittest.TestCase):
    options = ()

    @classmethod
    def setUpClass(cls):
        work = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="emulator-")))
        command = [*EMULATOR, "--ready", work / "ready", *cls.options]
        emulator = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        cls.addClassCleanup(emulator.wait)
        cls.addClassCleanup(emulator.terminate)
        while not (work / "ready").exists() and emulator.poll() is None:
            time.sleep(0.1)
        endpoint = json.loads((work / "ready").read_text())["endpoint"]
        replace_environment(HOME=str(work), SAM_CLI_TELEMETRY="0", AWS_ENDPOINT_URL=endpoint)
        import boto3
        cls.boto3, cls.gateway, cls.address = boto3, boto3.client("apigateway"), endpoint.removeprefix("http://")
        cls.formation = boto3.client("cloudformation")
        (work / "code").mkdir()
        cls.streamed = work / "streamed"
        bootstrap = BOOTSTRAP.replace("PYTHON", sys.executable).replace("STREAMED", str(cls.streamed))
        (work / "code" / "bootstrap").write_text(bootstrap)
        sam = [pathlib.Path(sys.executable).with_name("sam"), "deploy", "--stack-name", "probe", "--resolve-s3"]
        for revision in ("first", "second"):
            (work / "template.yaml").write_text(TEMPLATE.replace("REVISION", revision))
            subprocess.run([*sam, "--capabilities", "CAPABILITY_IAM"], cwd=work, check=True, stdout=sys.stderr)
        resources = boto3.client("cloudformation").describe_stack_resources(StackName="probe")["StackResources"]
        cls.ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}

    def get(self, path, token, **headers):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        url = f"/_aws/execute-api/{self.ids['Api']}/v1{path}"
        connection.request("GET", url, headers={"Authorization": token, **headers})
        response = connection.getresponse()
        return response.status, json.loads(response.read()), response.headers

    def test_point_1_the_authorizer_names_the_api_key(self):
        good, throttled, unplanned = "a key in a usage plan", "a key that is throttled", "a key in no usage plan"
        keys = [self.gateway.create_api_key(value=value, enabled=True)["id"] for value in (good, throttled, unplanned)]
        stages = [{"apiId": self.ids["Api"], "stage": "v1"}]
        for key, limit in zip(keys, (100, 1)):
            throttle = {"rateLimit": limit, "burstLimit": limit}
            plan = self.gateway.create_usage_plan(name=key, apiStages=stages, throttle=throttle)["id"]
            self.gateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
        self.assertEqual(self.get("/keyed", good)[0], 200)
        statuses = [self.get("/keyed", throttled)[0] for _ in range(20)]
        self.assertEqual((statuses[0], max(statuses)), (200, 429))
        disable = {"op": "replace", "path": "/enabled", "value": "false"}
        self.gateway.update_api_key(apiKey=keys[0], patchOperations=[disable])
        for token in (good, unplanned, "a key that is unknown"):
            status, body, _ = self.get("/keyed", token, **{"x-api-key": throttled})
            self.assertEqual((status, body["message"]), (403, "Forbidden"))

    def test_point_2_gateway_responses_take_effect(self):
        self.assertEqual(self.get("/other", "denied")[2]["X-Revision"], "second")

    def test_point_3_gateway_responses_have_variables(self):
        for _ in ("from the authorizer", "from the cache"):
            _, body, headers = self.get("/other", "denied")
            self.assertEqual((body["token"], headers["X-Token"], body["absent"]), ("denied", "denied", ""))
            self.assertRegex(body["time"], r" \+0000$")

    def test_point_4_failures_become_default_5xx(self):
        for path in ("/malformed", "/crashed", "/late"):
            status, body, _ = self.get(path, "allowed")
            self.assertEqual((status, body["message"]), (502, "Internal server error"))

    def test_point_4_throttles_become_integration_failure(self):
        functions, name = self.boto3.client("lambda"), self.ids["Throttled"]
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        status, body, headers = self.get("/throttled", "allowed")
        self.assertEqual((status, body["message"], headers["X-Revision"]), (504, "Internal server error", "second"))

    def test_point_5_a_request_has_one_id(self):
        _, body, headers = self.get("/other", "allowed once")
        self.assertEqual(body["ids"], [headers["x-amzn-RequestId"]] * 2)

    def test_point_6_a_path_takes_any_method(self):
        self.assertEqual(self.get("/any/thing/at/all", "allowed")[0], 200)

    def of_function(self, service):
        """A client with the credentials of the function."""
        environment = self.get("/other", "allowed")[1]["environment"]
        names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        return self.boto3.Session(**{name: environment[name.upper()] for name in names}).client(service)

    def test_point_8_a_request_has_come_over_tls(self):
        self.of_function("sqs").send_message(QueueUrl=self.ids["Queue"], MessageBody="over TLS")

    def test_point_9_who_may_send_may_send_a_batch(self):
        # Without the policy that demands TLS, which is not this point's.
        self.boto3.client("sqs").set_queue_attributes(QueueUrl=self.ids["Queue"], Attributes={"Policy": ""})
        entries = [{"Id": "1", "MessageBody": "one of a batch"}]
        self.of_function("sqs").send_message_batch(QueueUrl=self.ids["Queue"], Entries=entries)

    def test_point_10_a_batch_of_a_stream_comes_again_if_a_record_failed(self):
        self.boto3.client("dynamodb").put_item(TableName=self.ids["Streamed"], Item={"id": {"S": "1"}})
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and len(handed_over := self.handed_over()) < 2:
            time.sleep(0.2)
        self.assertEqual((len(handed_over), len(set(handed_over))), (2, 1))

    def test_point_11_an_alarm_on_an_expression_is_taken(self):
        metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors"}
        metrics = [{"Id": "twice", "Expression": "2 * errors"},
                   {"Id": "errors", "ReturnData": False, "MetricStat": {"Metric": metric, "Stat": "Sum", "Period": 60}}]
        alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "Metrics": metrics, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}}
        self.assertEqual(self.deploy("alarm", Alarm=alarm), "CREATE_COMPLETE")

    def test_point_12_an_update_takes_an_api_from_its_body(self):
        def api(title, **in_body):
            body = {"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": {}, **in_body}
            settings = {"ApiKeySourceType": "AUTHORIZER", "MinimumCompressionSize": 1024}
            return {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "settings", "Body": body, **settings}}

        def settings():
            found = next(api for api in self.gateway.get_rest_apis()["items"] if api["name"] == "settings")
            return found["apiKeySource"], found.get("minimumCompressionSize")

        self.deploy("settings", Api=api("first"))
        self.assertEqual(settings(), ("AUTHORIZER", 1024))
        self.deploy("settings", Api=api("second"))
        self.assertEqual(settings(), ("HEADER", None))
        self.deploy("settings", Api=api("third", **{
            "x-amazon-apigateway-api-key-source": "AUTHORIZER", "x-amazon-apigateway-minimum-compression-size": 1024}))
        self.assertEqual(settings(), ("AUTHORIZER", 1024))

    def test_point_13_a_protected_table_is_not_deleted_with_its_stack(self):
        table = {"Type": "AWS::DynamoDB::Table", "Properties": {
            "TableName": "protected", "DeletionProtectionEnabled": True, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}}
        self.deploy("protected", Table=table)
        self.formation.delete_stack(StackName="protected")
        self.assertEqual(self.status("protected"), "DELETE_FAILED")
        self.boto3.client("dynamodb").update_table(TableName="protected", DeletionProtectionEnabled=False)
        self.formation.delete_stack(StackName="protected")
        self.assertEqual(self.status("protected"), "DELETE_COMPLETE")

    def test_point_14_a_name_that_is_taken_is_not_taken_again(self):
        self.boto3.client("logs").create_log_group(logGroupName="taken")
        self.boto3.client("dynamodb").create_table(
            TableName="taken", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "taken"}}
        table = {"Type": "AWS::DynamoDB::Table", "Properties": {
            "TableName": "taken", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}}
        self.assertEqual(self.deploy("group", Group=group), "ROLLBACK_COMPLETE")
        self.assertEqual(self.deploy("table", Table=table), "ROLLBACK_COMPLETE")

    def test_point_15_who_may_make_a_log_group_makes_it_again(self):
        arn = self.boto3.client("lambda").get_function(FunctionName=self.ids["Function"])["Configuration"]["Role"]
        function = lambda role: {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": "late", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": role,
            "LoggingConfig": {"LogGroup": {"Ref": "Group"}}, "Code": {"ZipFile": "-"}}}
        group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/late"}}
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        may_not = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
        for role, left in (({"Fn::GetAtt": ["MayNot", "Arn"]}, 0), (arn, 1)):
            self.deploy("late", Function=function(role), Group=group, MayNot=may_not)
            self.formation.delete_stack(StackName="late")
            self.assertEqual(self.status("late"), "DELETE_COMPLETE")
            groups = self.boto3.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/late")["logGroups"]
            self.assertEqual(len(groups), left)

    def deploy(self, stack, **resources):
        """Makes or updates a stack of plain CloudFormation. Returns how that ended."""
        template = {"StackName": stack, "TemplateBody": json.dumps({"Resources": resources}),
                    "Capabilities": ["CAPABILITY_IAM"]}
        update = self.status(stack) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
        (self.formation.update_stack if update else self.formation.create_stack)(**template)
        return self.status(stack)

    def status(self, stack):
        deadline = time.monotonic() + 20
        while True:
            stacks = self.formation.list_stacks()["StackSummaries"]
            status = next((known["StackStatus"] for known in stacks if known["StackName"] == stack), None)
            if not status or not status.endswith("IN_PROGRESS") or time.monotonic() > deadline:
                return status
            time.sleep(0.1)

    def handed_over(self):
        return self.streamed.read_text().splitlines() if self.streamed.exists() else []

    def test_iam_is_enforced(self):
        function = self.of_function("dynamodb")
        function.get_item(TableName=self.ids["Table"], Key={"id": {"S": "1"}})
        with self.assertRaisesRegex(function.exceptions.ClientError, "AccessDeniedException"):
            function.put_item(TableName=self.ids["Table"], Item={"id": {"S": "1"}})


points = {name: test for name, test in vars(WithBridge).items() if name.startswith("test_point_")}
WithoutBridge = type("WithoutBridge", (WithBridge,), {"options": ("--no-bridge",), **{
    name: unittest.expectedFailure(lambda self, test=test: test(self)) for name, test in points.items()}})


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore")
