#!/usr/bin/env python3
"""Replays the recorded events of events/ against the built Lambda binaries.

Each bootstrap that `.ci/build` made for the architecture that is named runs under AWS's Lambda Runtime Interface
Emulator, which comes with the SAM CLI, over the DynamoDB, the queues and the bucket of a running `dev`; one for arm64 by
qemu. What it answers is held against the `_expected` of the event; of a batch of a queue or a stream also the dead letters,
what was sent, and what the API tells then.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import boto3
import samcli

from binaries import FUNCTIONS, bootstrap
from system import COMMAND, ROOT, SCOPES

EMULATOR = pathlib.Path(samcli.__file__).parent / "local/rapid/aws-lambda-rie-x86_64"
# What runs a binary of another machine, with that machine's C library.
RUNNERS = {"x86_64": [], "arm64": ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"]}
KNOWN_CALL = "07f51470-ef1d-421c-a847-36e98732bb9b"
RECORDED_ORGANIZATION = "8f3d0324-ac89-48ba-bffd-aac009b8c000"
# They come last: the others do not expect the records that these make.
FED = ("fanout", "deliver", "ingest")


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % probe.getsockname()[1]


def start_dev(work):
    """`dev` without demo data, and beside it what the events ask for."""
    arguments = [COMMAND, "dev", "--json", "--no-demo", "--port", "0", "--dynamodb-port", "0", "--table-prefix", "Test-"]
    dev = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    ready = json.loads(dev.stdout.readline() or sys.exit("replay: dev did not start"))
    return dev, known({**ready, "table_prefix": "Test-"}, work)


def known(ready, work):
    """What a `dev` says of itself, after it was given the organization, the key and the call that the events ask for."""
    call = {
        "id": KNOWN_CALL, "caller_phone": "+14155551234", "caller_name": "Dave", "status": "completed",
        "duration_seconds": 55, "summary": None, "transcript": None, "recording_url": None, "transfer_status": None,
        "started_at": "2026-02-24T20:59:00Z", "ended_at": None, "assistant_id": KNOWN_CALL, "contact_id": None,
        "created_at": "2026-02-24T20:59:00Z",
    }
    lines = pathlib.Path(work) / "call.jsonl"
    lines.write_text(json.dumps({"resource": "calls", "record": call}) + "\n", encoding="utf-8")

    def run(*arguments):
        there = ["--json", "--table-prefix", ready["table_prefix"], "--endpoint-url", ready["dynamodb_endpoint"]]
        return json.loads(subprocess.run([COMMAND, *arguments, *there], check=True, stdout=subprocess.PIPE).stdout)

    organization = run("orgs", "create", "--name", "Dave Auto Shop", "--plan", "Starter Plan")["organization_id"]
    run("import", str(lines), "--organization", organization)
    key = run("keys", "create", "--organization", organization, "--name", "replay", "--scopes", SCOPES)
    return {**ready, "api_key": key["api_key"], "organization_id": organization}


def queue(ready, name):
    return ready["queue_url"].removesuffix("-events") + f"-{name}"


def start_function(command, ready, log):
    """The function behind the emulator. Both addresses are given: without them it binds every interface."""
    address = free_address()
    aws = ready["queue_url"].rsplit("/", 2)[0]
    environment = {
        "PATH": os.environ["PATH"], "TABLE_PREFIX": "Test-", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local", "AWS_ENDPOINT_URL_DYNAMODB": ready["dynamodb_endpoint"],
        "PLAN_KEYS": "individual", "PLAN_KEY_PREFIX": "Test-", "AWS_ENDPOINT_URL_SQS": aws,
        # The SDK puts the bucket right behind it.
        "AWS_ENDPOINT_URL_S3": f"{aws}/",
        "DEAD_LETTER_QUEUE_URL": ready["dead_letter_queue_url"], "MAX_RECEIVES": "5",
        "FANOUT_DEAD_LETTER_QUEUE_URL": queue(ready, "fanout-dead-letters"),
        # What is sent stays there: on the queues themselves dev's own deliver would take it.
        "DELIVERIES_QUEUE_URL": queue(ready, "deliveries-dead-letters"),
        "SLOW_DELIVERIES_QUEUE_URL": queue(ready, "deliveries-dead-letters"),
    }
    process = subprocess.Popen(
        [str(EMULATOR), "--runtime-api-address", free_address(), "--runtime-interface-emulator-address", address,
         *command],
        env=environment, stdout=log, stderr=log)
    return process, f"http://{address}/2015-03-31/functions/function/invocations"


def invoke(url, event, process):
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, json.dumps(event).encode(), timeout=30) as response:
                return json.load(response)
        except (ConnectionError, urllib.error.URLError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"replay: the emulator does not answer: {error}")
            time.sleep(0.05)


def ask(ready, path):
    headers = {"Authorization": f"Bearer {ready['api_key']}"}
    with urllib.request.urlopen(urllib.request.Request(ready["url"] + path, headers=headers), timeout=30) as response:
        return json.load(response)


def at(pointer, value):
    for name in pointer.strip("/").split("/"):
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def differences(expected, found):
    return [f"{pointer} is {value!r}, not {at(pointer, found)!r}"
            for pointer, value in expected.items() if at(pointer, found) != value]


def judge(expected, answer, letters, sent, ready):
    """What an answer has that it should not, or lacks."""
    if "status" in expected:
        if answer.get("statusCode") != expected["status"]:
            return [f"status {expected['status']}, not {answer}"]
        return differences(expected["body"], json.loads(answer["body"]))
    wrong = differences(expected["answer"], answer)
    if letters != expected.get("dead_letters", []):
        wrong.append(f"dead letters {expected['dead_letters']}, not {letters}")
    if sent != expected.get("sent", 0):
        wrong.append(f"sent {expected.get('sent', 0)}, not {sent}")
    if "then" in expected:
        wrong += differences(expected["then"]["body"], ask(ready, expected["then"]["path"]))
    return wrong


def taken(ready, name):
    """Takes away what lies in a queue that nobody reads."""
    aws = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
    sqs, url, messages = boto3.client("sqs", endpoint_url=ready["queue_url"].rsplit("/", 2)[0], **aws), queue(ready, name), []
    while more := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get("Messages"):
        for message in more:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        messages += more
    return messages


def dead_letters(ready):
    """The kinds of the dead letters since the last look."""
    letters = taken(ready, "events-dead-letters") + taken(ready, "fanout-dead-letters")
    return [letter["MessageAttributes"]["kind"]["StringValue"] for letter in letters]


def recorded(file, ready):
    """An event with this run's own names in the place of the recorded ones."""
    text = file.read_text(encoding="utf-8")
    for name, own in (("sk_live_your_key_here", ready["api_key"]), (RECORDED_ORGANIZATION, ready["organization_id"]),
                      ("your-events-bucket", ready["events_bucket"]), (":table/InboundFlow-", f":table/{ready['table_prefix']}")):
        text = text.replace(name, own)
    return json.loads(text)


def replay(architecture, function, ready, work):
    """How many events the function was given, and what it answered otherwise than it should."""
    command = [*RUNNERS[architecture], str(bootstrap(architecture, function))]
    with open(pathlib.Path(work) / f"{function}.log", "wb") as log:
        process, url = start_function(command, ready, log)
        try:
            wrong, files = [], sorted((ROOT / "events" / function).glob("*.json"))
            for file in files:
                event = recorded(file, ready)
                answer = invoke(url, event, process)
                letters, sent = dead_letters(ready), len(taken(ready, "deliveries-dead-letters"))
                for difference in judge(event["_expected"], answer, letters, sent, ready):
                    wrong.append(f"{file.relative_to(ROOT)}: {difference}")
            return len(files), wrong
        finally:
            process.terminate()
            process.wait()


def main(architecture):
    if architecture == "arm64" and not (bootstrap("arm64", FUNCTIONS[0]).exists() and shutil.which(RUNNERS["arm64"][0])):
        print("NOT RUN: the functions for arm64, which were not built, or have no qemu to run: .ci/install-tools, as root on Debian 12")
        return
    with tempfile.TemporaryDirectory() as work:
        dev, ready = start_dev(work)
        try:
            events, wrong = {}, []
            for function in sorted(FUNCTIONS, key=lambda name: (FED.index(name) if name in FED else -1, name)):
                events[function], different = replay(architecture, function, ready, work)
                wrong += different
        finally:
            dev.terminate()
            dev.wait()
    wrong += [f"events/{function}/: there is no event" for function, count in events.items() if count == 0]
    if wrong:
        sys.exit("\n".join([f"replay: of {architecture}, these answers differ:", *wrong]))
    print(f"{architecture}: {len(events)} binaries started, {sum(events.values())} recorded events answered as expected")


if __name__ == "__main__":
    main(*sys.argv[1:])
