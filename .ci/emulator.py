#!/usr/bin/env python3
"""Starts ministack, an emulator of AWS, with IAM enforced, and has it serve our API as AWS would.

It replaces functions of ministack, so that what our SAM template relies on is as Amazon API Gateway has it:
1. ApiKeySourceType AUTHORIZER is obeyed: the API key, also for usage plans and their throttles, is the
   authorizer's `usageIdentifierKey`; and a key that UpdateApiKey disabled is refused;
2. `GatewayResponses` of an AWS::Serverless::Api take effect, when created and when updated;
3. gateway responses can use `context.authorizer.*` and the other variables of the request;
4. a function that fails, takes too long or answers something malformed becomes DEFAULT_5XX; one that Lambda throttles
   INTEGRATION_FAILURE, and what is reserved for a function holds for its versions;
5. a request has one id: in both functions' events, in gateway responses and in the response;
6. a path of the template takes `ANY` method;
7. CodeDeploy's resources, which shift traffic between versions, are taken and ignored;
8. a request has come over TLS, as on AWS: queue and bucket policies that demand it let it through;
9. who may send a message to a queue may send a batch of them: IAM has no action of its own for that;
10. a stream's batch comes again in which the function says that records failed;
11. an alarm on an expression over several metrics is taken, as one on the first of them;
12. an update of an API puts the body in its place: key source, compression and TLS policy are what the body says, or
    the default;
13. a stack cannot delete a table that is protected from it;
14. a stack cannot make a table or log group whose name is taken;
15. a function that may make log groups makes its own again, by its last lines, when its stack has deleted it.

`--ready FILE` serves until SIGTERM or SIGINT; FILE gets the endpoint and root credentials, as one line of JSON.
`emulator_test.py` proves each point, and that ministack alone fails it, so that we notice what can be deleted here.
"""
import argparse
import asyncio
import base64
import contextvars
import datetime
import functools
import importlib
import inspect
import json
import os
import pathlib
import re
import secrets
import socket
import sys
import tempfile
import types
from importlib import metadata

MINISTACK_VERSION = "1.5.33"
ACCOUNT = {"access_key_id": "test", "secret_access_key": "test", "account_id": "123456789012", "region": "us-east-1"}
PROXY_RESPONSE_FIELDS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}

current_request = contextvars.ContextVar("current_request", default=None)


class Bridge:
    """Each method named `_...` replaces ministack's function of that name, which it gets as `original`."""

    def __init__(self):
        self.gateway = importlib.import_module("ministack.services.apigateway_v1")
        self.provisioners = importlib.import_module("ministack.services.cloudformation.provisioners")
        self.functions = importlib.import_module("ministack.services.lambda_svc")
        self.tables = importlib.import_module("ministack.services.dynamodb")
        self.logs = importlib.import_module("ministack.services.cloudwatch_logs")
        self.policies = importlib.import_module("ministack.core.iam_evaluator")
        self.written_late = set()
        for name in [name for name in vars(Bridge) if re.match("_[^_]", name)]:
            self.replace(name, getattr(self, name))
        handlers = self.provisioners._RESOURCE_HANDLERS
        for kind in ("Application", "DeploymentGroup"):
            handlers[f"AWS::CodeDeploy::{kind}"] = {
                "create": lambda logical_id, props, stack_name: (f"{stack_name}-{logical_id}", {}),
                "delete": lambda physical_id, props: None}
        self.gateway._OPENAPI_HTTP_METHODS.add("any")
        # What becomes DEFAULT_5XX itself, rather than a type that falls back to it, is a function's failure.
        self.gateway._DEFAULT_GATEWAY_RESPONSE_STATUS_CODES["DEFAULT_5XX"] = "502"
        self.gateway._GATEWAY_TEMPLATE_VARIABLE = types.SimpleNamespace(
            sub=functools.partial(self.render, self.gateway._GATEWAY_TEMPLATE_VARIABLE))
        application = importlib.import_module("ministack.app")
        pin = application.pin_request_origin
        application.pin_request_origin = lambda source_ip, secure_transport: pin(source_ip, True)
        actions = importlib.import_module("ministack.core.iam_actions")
        actions.extract_iam_action = functools.partial(self.action, actions.extract_iam_action)

    def replace(self, name, replacement):
        module = next((module for module in (self.provisioners, self.functions) if hasattr(module, name)), self.gateway)
        original = getattr(module, name, None)
        parameters = list(inspect.signature(original).parameters) if callable(original) else []
        same_kind = inspect.iscoroutinefunction(original) == inspect.iscoroutinefunction(replacement)
        if not same_kind or ["original", *parameters] != list(inspect.signature(replacement).parameters):
            sys.exit(f"emulator: {module.__name__}.{name} is not the function that the bridge was written for")
        replaced = functools.partial(replacement, original)
        setattr(module, name, replaced)
        # The table holds the functions themselves, so replacing the module's attribute does not reach it.
        for handler in self.provisioners._RESOURCE_HANDLERS.values():
            handler.update({step: replaced for step, function in handler.items() if function is original})

    def action(self, original, service, *request):
        action = original(service, *request)
        return action.removesuffix("Batch") if action and service == "sqs" else action

    def _execute_function(self, original, func, event):
        result = original(func, event)
        records = event.get("Records") if isinstance(event, dict) else None
        answer = result.get("body")
        of_stream = bool(records) and records[0].get("eventSource") == "aws:dynamodb"
        if of_stream and isinstance(answer, dict) and answer.get("batchItemFailures"):
            return {**result, "error": True}
        return result

    def _reserved_concurrency(self, original, func, config):
        return original(self.functions._functions.get(config["FunctionName"], func), config)

    def _cw_metric_alarm_record(self, original, name, props):
        measured = [metric["MetricStat"] for metric in props.get("Metrics") or [] if "MetricStat" in metric]
        if not measured:
            return original(name, props)
        one = {**measured[0]["Metric"], "Period": measured[0]["Period"], "Statistic": measured[0]["Stat"]}
        return original(name, {**{key: value for key, value in props.items() if key != "Metrics"}, **one})

    def context_value(self, name):
        return (current_request.get() or {}).get("variables", {}).get(name)

    def render(self, pattern, built_in, template):
        def value(match):
            # ministack leaves a variable as it is when it does not know it.
            known = built_in(match)
            return known if known != match[0] else self.context_value(match[1] or match[2]) or ""
        return pattern.sub(value, template)

    def _apigw_rest_api_create(self, original, logical_id, props, stack_name):
        api_id, attributes = original(logical_id, props, stack_name)
        body = props.get("Body") or {}
        for setting, name, by_extension, default in (
                ("apiKeySource", "ApiKeySourceType", "api-key-source", "HEADER"),
                ("minimumCompressionSize", "MinimumCompressionSize", "minimum-compression-size", None),
                ("securityPolicy", "SecurityPolicy", "security-policy", "TLS_1_0")):
            value = body.get(f"x-amazon-apigateway-{by_extension}", props.get(name))
            self.gateway._rest_apis[api_id][setting] = default if value is None else value
        for response_type, response in (body.get("x-amazon-apigateway-gateway-responses") or {}).items():
            status, _, error = self.gateway._put_gateway_response(api_id, response_type, response)
            if status >= 400:
                raise ValueError(f"AWS::ApiGateway::RestApi create failed: {error!r}")
        return api_id, attributes

    def _apigw_rest_api_update(self, original, physical_id, old_props, new_props, stack_name, logical_id=None):
        if new_props.get("Body") != old_props.get("Body"):
            kept = {"Body", "Name", "Description", "EndpointConfiguration", "Tags"}
            new_props = {name: value for name, value in new_props.items() if name in kept}
        return original(physical_id, old_props, new_props, stack_name, logical_id)

    def _ddb_create(self, original, logical_id, props, stack_name):
        self.refuse_taken(props.get("TableName"), self.tables._tables)
        return original(logical_id, props, stack_name)

    def _ddb_delete(self, original, physical_id, props):
        if (self.tables._tables.get(physical_id) or {}).get("DeletionProtectionEnabled"):
            raise ValueError(f"Table {physical_id} is protected against deletion.")
        return original(physical_id, props)

    def _cwlogs_create(self, original, logical_id, props, stack_name):
        self.refuse_taken(props.get("LogGroupName"), self.logs._log_groups)
        return original(logical_id, props, stack_name)

    def _cwlogs_delete(self, original, physical_id, props):
        original(physical_id, props)
        if physical_id in self.written_late:
            self.written_late.remove(physical_id)
            self.logs._create_log_group({"logGroupName": physical_id})

    def _lambda_delete(self, original, physical_id, props):
        # The function goes first, its group and role after it: what the role allows is looked up here.
        group = props.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{physical_id}"
        account, region = ACCOUNT["account_id"], ACCOUNT["region"]
        request = self.policies.EvalContext(
            principal_arn=props["Role"], principal_type="AssumedRole", principal_account=account, region=region,
            action="logs:CreateLogGroup", resource_arn=f"arn:aws:logs:{region}:{account}:log-group:{group}")
        role = self.policies._gather_role_policies(props["Role"].rpartition("/")[2], account)
        if self.policies.evaluate(request, role).decision == "Allow":
            self.written_late.add(group)
        return original(physical_id, props)

    def refuse_taken(self, name, there):
        if name and there.get(name) is not None:
            raise ValueError(f"{name} already exists")

    def _import_path_item(self, original, api_id, path, path_item, scheme_map=None, default_security=None):
        methods = {name.replace("x-amazon-apigateway-any-method", "any"): value for name, value in path_item.items()}
        return original(api_id, path, methods, scheme_map, default_security)

    def _update_api_key(self, original, key_id, data):
        for operation in data.get("patchOperations", []):
            if operation.get("path") == "/enabled":
                # The API carries every value as a string, and ministack takes any string for enabled.
                operation["value"] = str(operation.get("value")).lower() == "true"
        return original(key_id, data)

    async def _execute_in_scope(self, original, request, api_id, stage_name, method, path, headers, body,
                                query_params, owner_account_id, owner_region):
        now = datetime.datetime.now(datetime.timezone.utc)
        request["context"] = {
            "requestId": request["request_id"], "extendedRequestId": base64.b64encode(secrets.token_bytes(11)).decode(),
            "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"), "requestTimeEpoch": int(now.timestamp() * 1000),
            "httpMethod": method, "path": f"/{stage_name}{path}", "apiId": api_id, "accountId": owner_account_id}
        request["variables"] = {f"context.{name}": str(value) for name, value in request["context"].items()}
        # Every request is served in a context of its own, so nothing has to restore the variable.
        current_request.set(request)
        response = await original(request, api_id, stage_name, method, path, headers, body,
                                  query_params, owner_account_id, owner_region)
        if request.get("failure"):
            return self.gateway._GatewayError(request["failure"], "Internal server error")
        if isinstance(response, tuple):
            response[1]["x-amzn-requestid"] = request["request_id"]
        return response

    async def _invoke_authorizer_lambda(self, original, authorizer, event, account_id, region):
        if event["type"] == "REQUEST":
            event["requestContext"].update(current_request.get()["context"])
        result = await original(authorizer, event, account_id, region)
        answer = result.get("body") if result else None
        if isinstance(answer, dict) and isinstance(answer.get("policyDocument"), dict):
            # Of the answer, ministack caches the policy and the context; and it forgets the context of a denial.
            result["body"] = {**answer, "policyDocument": {**answer["policyDocument"], "answer": answer}}
        return result

    def _evaluate_policy(self, original, policy_doc, method_arn):
        request, answer = current_request.get(), policy_doc.get("answer", {})
        values = {**(answer.get("context") or {}), "principalId": answer.get("principalId")}
        for name, value in self.gateway._stringify_context(values).items():
            request["variables"][f"context.authorizer.{name}"] = value
        request["usage_identifier_key"] = answer.get("usageIdentifierKey")
        return original(policy_doc, method_arn)

    def _api_key_from_request(self, original, headers):
        request = current_request.get()
        source = self.gateway._rest_apis[request["api_id"]]["apiKeySource"]
        return request.get("usage_identifier_key") if source == "AUTHORIZER" else original(headers)

    async def _call_lambda_raw(self, original, function_ref, event, account_id, region):
        request = current_request.get()
        event["requestContext"].update(request["context"])
        result, error = await original(function_ref, event, account_id=account_id, region=region)
        if result:
            answer = result.get("body")
            well_formed = isinstance(answer, dict) and answer.keys() <= PROXY_RESPONSE_FIELDS
            if result.get("throttle"):
                request["failure"] = "INTEGRATION_FAILURE"
            elif result.get("error") or not well_formed:
                request["failure"] = "DEFAULT_5XX"
        return result, error

    def _gateway_request_value(self, original, source, request):
        return self.context_value(source) if source.startswith("context.") else original(source, request)


def replace_environment(**settings):
    """What the caller's environment holds must reach neither ministack nor the functions that it runs."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LOG_LEVEL") if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept, AWS_ACCESS_KEY_ID=ACCOUNT["access_key_id"], AWS_SECRET_ACCESS_KEY=ACCOUNT["secret_access_key"],
        AWS_DEFAULT_REGION=ACCOUNT["region"], **settings)


def serve(ready, bridged):
    if metadata.version("ministack") != MINISTACK_VERSION:
        sys.exit(f"emulator: written for ministack {MINISTACK_VERSION}, not for {metadata.version('ministack')}")
    listener = socket.create_server(("127.0.0.1", 0))
    port = str(listener.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="emulator-") as work:
        # ministack reads these when it is imported. SFTP and IoT would listen on fixed ports of every interface.
        replace_environment(
            HOME=work, TMPDIR=work, AUTH="true", BIND_HOST="127.0.0.1", GATEWAY_PORT=port, SFTP_ENABLED="0",
            IOT_MTLS_ENABLED="0", AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
            MINISTACK_ACCOUNT_ID=ACCOUNT["account_id"], MINISTACK_REGION=ACCOUNT["region"], STATE_DIR=work)
        tempfile.tempdir = work
        import hypercorn.asyncio, hypercorn.config, ministack.app, ministack.core.lambda_runtime
        if bridged:
            Bridge()
        config = hypercorn.config.Config()
        config.bind, config.keep_alive_timeout = [f"fd://{listener.detach()}"], 75
        # The socket listens already, so a request that comes before the server's first turn is answered too.
        unfinished = pathlib.Path(f"{ready}.unfinished")
        unfinished.write_text(json.dumps({"endpoint": os.environ["AWS_ENDPOINT_URL"], **ACCOUNT}) + "\n")
        unfinished.rename(ready)
        try:
            asyncio.run(hypercorn.asyncio.serve(ministack.app.app, config))
        finally:
            ministack.core.lambda_runtime.reset()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ready", type=pathlib.Path, metavar="FILE", required=True)
    parser.add_argument("--no-bridge", action="store_true", help="leave ministack as it is")
    options = parser.parse_args()
    serve(options.ready, not options.no_bridge)
