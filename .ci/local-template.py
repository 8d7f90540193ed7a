#!/usr/bin/env python3
"""Prints the built template as `sam local` can run it over a `dev`, whose API and DynamoDB are at the two URLs given.

Every function's environment gets the addresses of DynamoDB, SQS and S3: `sam local --env-vars` sets only variables that the
template has already, and a deployed function needs no such addresses. A queue's `Ref` becomes its URL. And the authorizer
is named by its ARN: `sam local` does not resolve the `Ref` of an alias, and leaves out an authorizer that has one.
"""
import json
import pathlib
import sys

from samcli.yamlhelper import parse_yaml_file

BUILT = pathlib.Path(__file__).resolve().parent.parent / ".aws-sam/build/template.yaml"
# `sam local` calls every stack so, and this account its own.
STACK = "local"
AUTHORIZER = "arn:aws:lambda:us-east-1:123456789012:function:IdentifyFunction"


def local(template, url, dynamodb):
    aws, resources = f"{url}/_local/aws", template["Resources"]
    template["Globals"]["Function"]["Environment"]["Variables"].update({
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb, "AWS_ENDPOINT_URL_SQS": aws,
        # The SDK puts the bucket right behind it.
        "AWS_ENDPOINT_URL_S3": f"{aws}/"})
    resources["Api"]["Properties"]["Auth"]["Authorizers"]["Identify"]["FunctionArn"] = AUTHORIZER
    for function in resources.values():
        variables = function["Properties"].get("Environment", {}).get("Variables", {})
        for name, value in variables.items():
            referred = resources.get(value.get("Ref"), {}) if isinstance(value, dict) else {}
            if referred.get("Type") == "AWS::SQS::Queue":
                queue = referred["Properties"]["QueueName"]["Fn::Sub"].replace("${AWS::StackName}", STACK)
                variables[name] = f"{aws}/000000000000/{queue}"
    return template


if __name__ == "__main__":
    print(json.dumps(local(parse_yaml_file(str(BUILT)), *sys.argv[1:])))
