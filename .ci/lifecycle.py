#!/usr/bin/env python3
"""The life of a stack of `prod` in an emulator of AWS, as samconfig.toml and OPERATIONS.md have it: a creation that fails
half-way and leaves nothing, a creation, two more deployments, the end, and a creation under the same name. The functions
are empty: what is looked at is the template."""
import copy
import json
import pathlib
import re
import subprocess
import sys
import time

from samcli.yamlhelper import parse_yaml_file

from system import COMMAND, ROOT, STACK, Stack, WORK, executable, expect

# Its name is taken, so it cannot be made; and what it waits for is almost all that the stack has.
TAKEN = "taken-on-purpose"
WAITS_FOR = ("AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::SQS::Queue", "AWS::S3::BucketPolicy",
             "AWS::Serverless::Function", "AWS::ApiGateway::UsagePlanKey", "AWS::ApiGateway::Account")
# What the API is set to, and what a deployment that only changes an answer's words must not lose.
SETTINGS = {"apiKeySource": "AUTHORIZER", "minimumCompressionSize": 1024, "securityPolicy": "TLS_1_2"}


def step(text):
    print(f"· {text}", flush=True)


class Life:
    def __init__(self):
        self.stack = Stack()
        self.formation, self.tables, self.logs = map(self.stack.client, ("cloudformation", "dynamodb", "logs"))
        self.queues, self.buckets, self.functions = map(self.stack.client, ("sqs", "s3", "lambda"))
        self.gateway, self.alarms, self.roles = map(self.stack.client, ("apigateway", "cloudwatch", "iam"))
        code = executable("empty", "#!/bin/sh\nexit 1\n")
        self.template = parse_yaml_file(str(ROOT / "template.yaml"))
        # The emulator cannot put a firewall before an API.
        self.template["Parameters"]["Firewall"]["Default"] = "off"
        for resource in self.template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = code

    def deploy(self, environment, template, succeeds=True):
        file = WORK / "lifecycle.json"
        file.write_text(json.dumps(template), encoding="utf-8")
        sam = [str(pathlib.Path(sys.executable).with_name("sam")), "deploy", "--config-env", environment,
               "--config-file", str(ROOT / "samconfig.toml"), "--template-file", str(file), "--no-confirm-changeset"]
        done = subprocess.run(sam, env=self.stack.environment, cwd=WORK, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        expect((done.returncode == 0) == succeeds, f"sam deploy --config-env {environment}: {done.stdout[-3000:]}")
        return done.stdout

    def status(self):
        """How the newest stack of this name ended, once it has."""
        deadline = time.monotonic() + 300
        while True:
            expect(time.monotonic() < deadline, "the emulator does not come to an end")
            newest = max((each for each in self.formation.list_stacks()["StackSummaries"] if each["StackName"] == STACK),
                         key=lambda each: each["CreationTime"])
            if not newest["StackStatus"].endswith("IN_PROGRESS"):
                return newest["StackStatus"]
            time.sleep(0.1)

    def delete(self):
        self.formation.delete_stack(StackName=STACK)
        return self.status()

    def left(self):
        """What of the stack's is in the account, by name."""
        groups = [group["logGroupName"] for group in self.logs.describe_log_groups()["logGroups"]]
        names = [*self.tables.list_tables()["TableNames"], *groups, *self.queues.list_queues().get("QueueUrls", []),
                 *(bucket["Name"] for bucket in self.buckets.list_buckets()["Buckets"]),
                 *(function["FunctionName"] for function in self.functions.list_functions()["Functions"]),
                 *(item["name"] for item in self.gateway.get_rest_apis()["items"]),
                 *(item["name"] for item in self.gateway.get_usage_plans()["items"]),
                 *(item["name"] for item in self.gateway.get_api_keys()["items"]),
                 *(alarm["AlarmName"] for alarm in self.alarms.describe_alarms()["MetricAlarms"]),
                 *(role["RoleName"] for role in self.roles.list_roles()["Roles"])]
        # The account's setting names the role, and other APIs may log by it.
        return sorted(name for name in names if STACK.lower() in name.lower() and "GatewayLogRole" not in name)

    def protected(self):
        names = self.tables.list_tables()["TableNames"]
        return {self.tables.describe_table(TableName=name)["Table"]["DeletionProtectionEnabled"] for name in names}

    def check_settings(self):
        found = self.gateway.get_rest_apis()["items"]
        expect(len(found) == 1, f"{len(found)} APIs")
        said = {name: found[0].get(name) for name in SETTINGS}
        expect(said == SETTINGS, f"the API is set to {said}")

    def doctor(self):
        return self.stack.command("keys", "doctor", "--dry-run", succeeds=False).stderr


def failing(template):
    """What fails when nearly all of it is made."""
    changed = copy.deepcopy(template)
    resources = changed["Resources"]
    resources["OnPurpose"] = {
        "Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": TAKEN},
        "DependsOn": [name for name, resource in resources.items() if resource["Type"] in WAITS_FOR]}
    return changed


def reworded(template):
    changed = copy.deepcopy(template)
    templates = changed["Resources"]["Api"]["Properties"]["GatewayResponses"]["DEFAULT_4XX"]["ResponseTemplates"]
    templates["application/json"] = templates["application/json"].replace("could not be read", "cannot be read")
    return changed


def check_old_versions(life):
    """The script of OPERATIONS.md keeps the newest three and what `live` is."""
    script = re.search(r"\(`old-versions\.py`\).*?```python\n(.*?)```", (ROOT / "docs/OPERATIONS.md").read_text(), re.S)
    function = f"{STACK}-me"
    for memory in range(300, 305):
        life.functions.update_function_configuration(FunctionName=function, MemorySize=memory)
        life.functions.publish_version(FunctionName=function)
    numbers = lambda: [version["Version"] for version in
                       life.functions.list_versions_by_function(FunctionName=function)["Versions"]]
    before, live = numbers(), life.functions.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
    subprocess.run([sys.executable, "-c", script[1], STACK], check=True, env=life.stack.environment)
    expect(len(before) > 6 and set(numbers()) == {*before[-3:], live, "$LATEST"}, f"{numbers()} of {before}, live {live}")


def main():
    life = Life()
    life.logs.create_log_group(logGroupName=TAKEN)
    step("a creation that fails half-way is rolled back, and leaves nothing")
    life.deploy("prod-first", failing(life.template), succeeds=False)
    expect(life.status() == "ROLLBACK_COMPLETE", f"after the failed creation: {life.status()}")
    expect(not life.left(), f"the failed creation left {life.left()}")
    expect(life.delete() == "DELETE_COMPLETE", f"the failed stack: {life.status()}")
    step("it is created under the same name")
    life.deploy("prod-first", life.template)
    life.check_settings()
    expect(life.protected() == {False} and "DeletionProtection=on" in life.doctor(), "nobody says: unprotected")
    life.tables.put_item(TableName=f"{STACK}-Organizations", Item={"organization_id": {"S": "kept"}})
    step("the second deployment protects the tables, changes an answer, and keeps what the API is set to")
    life.deploy("prod", reworded(life.template))
    life.check_settings()
    expect(life.protected() == {True} and "DeletionProtection" not in life.doctor(), "the tables are not protected")
    kept = life.tables.get_item(TableName=f"{STACK}-Organizations", Key={"organization_id": {"S": "kept"}})
    expect("Item" in kept, "an item is gone")
    step("the third changes nothing")
    expect("No changes to deploy" in life.deploy("prod", reworded(life.template)), "it changed something")
    step("old versions are swept")
    check_old_versions(life)
    step("protected tables are not deleted; without protection the stack is, but for its bucket")
    expect(life.delete() == "DELETE_FAILED" and life.protected() == {True}, f"protected tables: {life.status()}")
    for name in life.tables.list_tables()["TableNames"]:
        life.tables.update_table(TableName=name, DeletionProtectionEnabled=False)
    expect(life.delete() == "DELETE_COMPLETE", f"at the end: {life.status()}")
    left = life.left()
    expect(len(left) == 1 and "eventsbucket" in left[0], f"the stack left {left}")
    policy = life.buckets.get_bucket_policy(Bucket=left[0])["Policy"]
    expect("aws:SecureTransport" in policy, f"the bucket that is kept may be asked without TLS: {policy}")
    step("and created again under the same name")
    life.deploy("prod-first", life.template)
    life.check_settings()


if __name__ == "__main__":
    main()
