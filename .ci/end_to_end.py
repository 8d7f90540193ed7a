#!/usr/bin/env python3
"""The whole system as `sam build && sam deploy` makes it, in an emulator of AWS: the real binaries behind the gateway,
its authorizer, its usage plans and IAM. What it answers is held against what `dev` answers."""
import concurrent.futures
import copy
import difflib
import json
import re
import subprocess
import sys
import time
from urllib.parse import urljoin, urlsplit

from samcli.yamlhelper import parse_yaml_file

import deliveries
import voice_events
from system import BUILT, COMMAND, SCOPES, STACK, Stack, WORK, executable, expect, local

DEMO = WORK / "demo.jsonl"
# The address that the documentation is written with. What serves it puts its own there.
WRITTEN_FOR = "http://127.0.0.1:3000"
# A function in the place of another: it gives back what DynamoDB says when it tries to write.
WRITER = """#!{python}
import json, os, urllib.request
import boto3, botocore.exceptions
invocation = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(invocation + "next") as response:
        invoked = response.headers["Lambda-Runtime-Aws-Request-Id"]
    table = os.environ["TABLE_PREFIX"] + "Calls"
    said = {{}}
    for name, parameters in {{"put_item": {{"Item": {{"organization_id": {{"S": "x"}}, "id": {{"S": "x"}}}}}},
                              "get_item": {{"Key": {{"organization_id": {{"S": "x"}}, "id": {{"S": "x"}}}}}},
                              "scan": {{}}}}.items():
        try:
            getattr(boto3.client("dynamodb"), name)(TableName=table, **parameters)
            said[name] = "done"
        except botocore.exceptions.ClientError as error:
            said[name] = error.response["Error"]["Code"]
    answer = json.dumps({{"statusCode": 200, "body": json.dumps(said)}}).encode()
    urllib.request.urlopen(invocation + invoked + "/response", answer)
"""


def step(text):
    print(f"· {text}", flush=True)


def check_error(answer, status, code):
    """An error in the envelope, with the rate headers."""
    found, headers, text = answer
    expect(found == status, f"{status} {code} expected, not {found}: {text}")
    body = json.loads(text)
    expect(list(body) == ["error", "meta"] and body["error"]["code"] == code and body["error"]["status"] == status, text)
    expect(body["meta"]["request_id"] == headers["X-Request-Id"], f"{text} has not the id {headers['X-Request-Id']}")
    for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy"):
        expect(headers[name], f"{status} {code} lacks {name}")
    expect((status in (429, 503)) == ("Retry-After" in headers), f"Retry-After of {status}")


def contract(system):
    """What `inboundflow check` says of a system with the demo's records and every kind of key."""
    organization, other = system.organization("Demo Auto Shop"), system.organization("Second Shop")
    system.command("import", str(DEMO), "--organization", organization)
    expired = system.key(organization, SCOPES, "--expires-in", "1s")[1]
    revoked_id, revoked = system.key(organization)
    system.command("keys", "revoke", revoked_id)
    checked = subprocess.run(
        [COMMAND, "check", system.url, "--write"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**system.environment, "INBOUNDFLOW_API_KEY": system.key(organization)[1],
             "INBOUNDFLOW_NARROW_KEY": system.key(organization, "calls:read")[1],
             "INBOUNDFLOW_REVOKED_KEY": revoked, "INBOUNDFLOW_EXPIRED_KEY": expired,
             "INBOUNDFLOW_FOREIGN_KEY": system.key(other)[1]})
    expect(checked.returncode == 0, f"{system.url} breaks a promise:\n{checked.stdout}{checked.stderr}")
    check_documentation(system)
    return checked.stdout.splitlines()


def check_documentation(system):
    """The OpenAPI document and the pages, which nobody needs a key for, as who has the system's own address gets them."""
    host = urlsplit(system.address).netloc
    served = json.loads(told(system, "/v1/openapi.json", 200, "", Host=host))
    written = subprocess.run([COMMAND, "openapi"], check=True, text=True, stdout=subprocess.PIPE).stdout
    written = json.loads(written.replace(WRITTEN_FOR, system.address))
    expect(served.pop("servers") == [{"url": system.address}], "/v1/openapi.json names another server")
    written.pop("servers")
    expect(served == written, f"{system.url}/v1/openapi.json is not what `inboundflow openapi` prints")
    page = told(system, "/docs/de/index.html", 200, '<html lang="de"', Host=host)
    expect(f"{system.address}/v1/" in page and WRITTEN_FOR not in page, f"a page does not name {system.address}")
    style = re.search(r'href="\.\./(site\.[0-9a-f]{16}\.css)"', page)[1]
    told(system, f"/docs/{style}", 200, "--line")
    _, headers, _ = system.ask("/docs/de/index.html", Host=host)
    known = system.ask("/docs/de/index.html", Host=host, **{"If-None-Match": headers["ETag"]})
    expect((known[0], known[2]) == (304, ""), f"a page that is known: {known[0]} {known[2][:200]}")
    told(system, "/docs/en/nothing.html", 404, '<html lang="en"')
    check_led(system, "/docs", "docs/en/index.html")
    check_led(system, "/docs", "docs/de/index.html", **{"Accept-Language": "de-AT,en;q=0.5"})
    check_led(system, "/docs/fr", "fr/index.html")


def told(system, path, status, part, **headers):
    """The text of an answer, which has a part."""
    answer = system.ask(path, **headers)
    expect(answer[0] == status and part in answer[2], f"{path}: {answer[0]} {answer[2][:200]}")
    return answer[2]


def check_led(system, path, location, **headers):
    """That a reader is led to a page, and says where it is from here: the stage before the path has to stay."""
    status, answered, _ = system.ask(path, **headers)
    expect((status, answered["Location"]) == (302, location), f"{path}: {status} {answered['Location']}")
    there = urljoin(system.url + path, location)
    told(system, there.removeprefix(system.url), 200, f'<html lang="{location.split("/")[-2]}"')


def check_limits(stack, organization):
    """More requests at once than a minute's, and than the plan's bucket holds."""
    key = stack.key(organization)[1]
    with concurrent.futures.ThreadPoolExecutor(16) as many:
        answers = list(many.map(lambda _: stack.ask("/v1/me", key), range(200)))
    refused = [answer for answer in answers if answer[0] != 200]
    # Making the key took a request or two of its minute; and a minute may end meanwhile, and then begins anew.
    expect(57 <= len(answers) - len(refused) <= 120, f"{len(answers) - len(refused)} were let in")
    for answer in refused:
        check_error(answer, 429, "rate_limited")
    by_gateway = [answer for answer in refused if "with this API key" not in answer[2]]
    expect(0 < len(by_gateway) < len(refused), f"{len(by_gateway)} of {len(refused)} by the gateway's plan")
    nobody = []
    for _ in range(20):
        with concurrent.futures.ThreadPoolExecutor(16) as many:
            nobody += many.map(lambda _: stack.ask("/v1/me"), range(60))
        if nobody[-1][0] == 429:
            break
    expect({answer[0] for answer in nobody} == {401, 429}, f"without a key: {[answer[0] for answer in nobody]}")
    for answer in nobody:
        check_error(answer, answer[0], {401: "unauthorized", 429: "rate_limited"}[answer[0]])
    # At once, while the bucket of those without a key is empty: pages have another.
    told(stack, "/docs/en/index.html", 200, '<html lang="en"')


def broken(template):
    """`me` crashes, and in the place of `calls` runs, with its role, a function that writes."""
    changed = copy.deepcopy(template)
    functions = changed["Resources"]
    functions["MeFunction"]["Properties"]["CodeUri"] = executable("crash", "#!/bin/sh\nexit 1\n")
    functions["CallsFunction"]["Properties"]["CodeUri"] = executable("writer", WRITER.format(python=sys.executable))
    return changed


def weakened(template):
    """A function more, and two permissions less: queries of calls, and putting contacts."""
    changed = copy.deepcopy(template)
    resources = changed["Resources"]
    another = copy.deepcopy(resources["FallbackFunction"])
    another["Properties"].update(FunctionName="another", LoggingConfig={}, Events={
        "Another": {"Type": "Api", "Properties": {"RestApiId": {"Ref": "Api"}, "Path": "/another", "Method": "ANY"}}})
    resources["AnotherFunction"] = another
    paths = resources["Api"]["Properties"]["DefinitionBody"]["paths"]
    paths["/another"] = json.loads(json.dumps(paths["/"]).replace("FallbackFunction", "AnotherFunction"))
    for name, action in (("CallsFunction", "dynamodb:Query"), ("ContactsFunction", "dynamodb:PutItem")):
        statements = resources[name]["Properties"]["Policies"][-1]["Statement"]
        for statement in statements:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = [kept for kept in actions if kept != action] or ["dynamodb:DescribeTable"]
    return changed


def check_full(stack, key):
    """While Lambda throttles a function the gateway says when to try again, and the command does."""
    functions = stack.client("lambda")
    throttle = lambda name: functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    release = lambda name: functions.delete_function_concurrency(FunctionName=name)
    throttle(f"{STACK}-me")
    check_error(stack.ask("/v1/me", key), 503, "unavailable")
    expect(stack.ask("/v1/calls", key)[0] == 200, "one function's throttle is another's")
    environment = {**stack.environment, "INBOUNDFLOW_API_KEY": key}
    began = time.monotonic()
    asking = subprocess.Popen([COMMAND, "me", "--base-url", stack.url], env=environment, stdout=subprocess.DEVNULL)
    time.sleep(1)
    release(f"{STACK}-me")
    expect(asking.wait(30) == 0, "the command did not try again")
    expect(time.monotonic() - began >= 2, "the command did not wait as long as Retry-After asks")
    throttle(f"{STACK}-identify")
    status, headers, text = stack.ask("/v1/me", key)
    release(f"{STACK}-identify")
    error, meta = json.loads(text)["error"], json.loads(text)["meta"]
    expect((status, error["code"], headers["Retry-After"]) == (503, "unavailable", "2"), f"identify throttled: {text}")
    expect(meta["request_id"] == headers["X-Request-Id"], f"{text} has not the id {headers['X-Request-Id']}")
    expect(stack.ask("/v1/me", key)[0] == 200, "it does not come back")


def check_broken(stack, key):
    check_error(stack.ask("/v1/me", key), 503, "unavailable")
    said = json.loads(stack.ask("/v1/calls", key)[2])
    denied = "AccessDeniedException"
    expect(said == {"put_item": denied, "get_item": "done", "scan": denied}, f"a function that reads was told {said}")


def records(stack, key):
    """What the organization has, but for what the weakened stack cannot list."""
    return {path: stack.ask(f"{path}?limit=100", key)[2].split('"meta"')[0]
            for path in ("/v1/contacts", "/v1/leads", "/v1/appointments")}


def check_weakened(stack, key):
    check_error(stack.ask("/v1/calls", key), 500, "internal_error")
    created = stack.ask("/v1/contacts", key, "POST", '{"phone": "+12125550987"}', **{"Content-Type": "application/json"})
    check_error(created, 500, "internal_error")
    expect('"data":[]' in stack.ask("/v1/contacts?phone=%2B12125550987", key)[2], "a refused contact was written")
    failed = subprocess.run([COMMAND, "check", stack.url], env={**stack.environment, "INBOUNDFLOW_API_KEY": key},
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    expect(failed.returncode == 1 and "differs" in failed.stdout, f"check did not notice:\n{failed.stdout}")
    check_error(stack.ask("/another", key), 404, "not_found")
    expect(stack.client("lambda").get_function(FunctionName="another"), "the function more is not there")


def check_drift(stack, organization):
    """What is broken between table and plan behind the command's back is mended by `keys doctor`."""
    gateway = stack.client("apigateway")
    in_order = lambda: stack.command("keys", "doctor", "--dry-run", succeeds=False).returncode == 0
    expect(in_order(), stack.command("keys", "doctor", "--dry-run", succeeds=False).stdout)
    key_id, key = stack.key(organization)
    expect(stack.ask("/v1/me", key)[0] == 200, "a key just made does not work")
    own = gateway.get_api_keys(nameQuery=f"InboundFlow-key-{key_id}")["items"][0]["id"]
    gateway.delete_api_key(apiKey=own)
    check_error(stack.ask("/v1/me", key), 401, "unauthorized")
    expect(not in_order(), "keys doctor found nothing")
    stack.command("keys", "doctor")
    expect(in_order() and stack.ask("/v1/me", key)[0] == 200, "keys doctor did not mend a missing key")
    stack.command("keys", "revoke", key_id)
    check_error(stack.ask("/v1/me", key), 401, "unauthorized")
    expect(in_order(), "revoking left something behind")


def check_pooled(stack, template, key, organization):
    """The changeover to shared plan keys: made first, then deployed; keys of before and after work all the time."""
    stack.command("keys", "doctor", "--pool")
    expect(stack.ask("/v1/me", key)[0] == 200, "making shared keys disturbs")
    stack.deploy(template, "PlanKeys=pooled")
    newer_id, newer = stack.key(organization)
    expect({stack.ask("/v1/me", each)[0] for each in (key, newer)} == {200}, "a key does not work by a shared one")
    stack.command("keys", "revoke", newer_id)
    check_error(stack.ask("/v1/me", newer), 401, "unauthorized")


def main():
    template = deliveries.allow_loopback(parse_yaml_file(str(BUILT / "template.yaml")))
    stack = Stack()
    step("sam deploy")
    stack.deploy(template)
    step("the same deployment again changes nothing")
    expect("No changes to deploy" in stack.deploy(template), "a second deployment changed something")
    step("dev and the stack keep every promise, and answer alike")
    DEMO.write_text(subprocess.run([COMMAND, "demo"], check=True, text=True, stdout=subprocess.PIPE).stdout)
    with concurrent.futures.ThreadPoolExecutor(2) as both:
        here, there = both.map(contract, (local(), stack))
    different = list(difflib.unified_diff(here, there, "dev", "stack", lineterm=""))
    expect(not different, "\n".join(different))
    print("\n".join(f"    {line}" for line in there))
    step("429 from the functions' count and from the gateway's plan")
    organization = stack.organization("End to end")
    stack.command("import", str(DEMO), "--organization", organization)
    check_limits(stack, organization)
    step("keys and plan drift apart and are mended")
    check_drift(stack, organization)
    key = stack.key(organization)[1]
    step("API keys change over to shared plan keys")
    check_pooled(stack, template, key, organization)
    step("voice events become records, once; what cannot be carried out is a dead letter, and comes back")
    voice_events.check(stack)
    step("they end at receivers as well, signed, once; a receiver that is down or gone, and what got lost, is seen to")
    deliveries.check(stack)
    step("503 and when to try again, while Lambda throttles a function, and while it throttles identify")
    check_full(stack, key)
    step("a crash is a 503 in the envelope; IAM refuses a reader's writes, and ingest, fanout and deliver what they need not")
    probed = deliveries.probed(voice_events.probed(broken(template), stack.outputs["EventsBucketName"]))
    stack.deploy(probed)
    check_broken(stack, key)
    voice_events.check_role(stack)
    deliveries.check_roles(stack)
    step("a policy weakened on purpose fails; a function more keeps the data")
    before = records(stack, key)
    stack.deploy(weakened(template))
    check_weakened(stack, key)
    expect(all('"id"' in page for page in before.values()) and records(stack, key) == before, "records were lost")
    stack.deploy(template)
    expect('"id"' in stack.ask("/v1/calls", key)[2] and stack.ask("/v1/me", key)[0] == 200, "it does not come back")


if __name__ == "__main__":
    main()
