#!/usr/bin/env python3
"""Prints the built template with the address of a DynamoDB in every function's environment: `sam local --env-vars`
sets only variables that the template has already, and a deployed function needs no such address."""
import json
import pathlib
import sys

from samcli.yamlhelper import parse_yaml_file

BUILT = pathlib.Path(__file__).resolve().parent.parent / ".aws-sam/build/template.yaml"

template = parse_yaml_file(str(BUILT))
template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL_DYNAMODB"] = sys.argv[1]
print(json.dumps(template))
