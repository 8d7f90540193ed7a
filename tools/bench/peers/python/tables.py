"""The tables, both on one client."""

import os

import boto3

dynamodb = boto3.resource("dynamodb")
prefix = os.environ["TABLE_PREFIX"]

api_keys = dynamodb.Table(f"{prefix}ApiKeys")
calls = dynamodb.Table(f"{prefix}Calls")
