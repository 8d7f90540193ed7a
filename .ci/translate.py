#!/usr/bin/env python3
"""Translates template.yaml as `sam deploy` would, into plain CloudFormation.

Some mistakes show only there, and no linter of SAM templates sees them. The only change that is made to the template
is the one that packaging makes: each CodeUri becomes an address in S3.
"""
import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samcli.yamlhelper import parse_yaml_file
from samtranslator.translator.transform import transform


class NoManagedPolicies:
    """Ours are written out as statements, so that none is looked up by name."""

    def load(self):
        return {}


def translate(source, target, **properties):
    template = parse_yaml_file(source)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "packages", "Key": resource["Properties"]["CodeUri"]}
            resource["Properties"].update(properties)
    with open(target, "w", encoding="utf-8") as translated:
        json.dump(transform(template, {}, NoManagedPolicies()), translated, indent=2)


def main(source, target, changed):
    """Into `target`; and into `changed`, with another property in every function, which must make a version of each."""
    translate(source, target)
    translate(source, changed, Timeout=7)


if __name__ == "__main__":
    main(*sys.argv[1:])
