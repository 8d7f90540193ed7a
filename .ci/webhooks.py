#!/usr/bin/env python3
"""Holds docs/webhooks/verify.py and docs/webhooks/verify.sh, and the Python on the site's pages, against the published
test vectors, and sends docs/webhooks/receiver.py what a receiver gets."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import types
import urllib.error
import urllib.request

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"
sys.path.insert(0, str(DOCS / "webhooks"))
sys.dont_write_bytecode = True
import verify  # noqa: E402

SCRIPT = str(DOCS / "webhooks" / "verify.sh")


def by_python(case):
    headers, secret, body = case["headers"], case["secret"], case["body"].encode()
    standard = [headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")]
    return {"documented": verify.verify_documented(secret, headers["X-InboundFlow-Signature"], body),
            "standard": verify.verify_standard(secret, *standard, body, now=case["now"])}


def by_shell(case):
    headers = case["headers"]
    environment = {**os.environ, "WEBHOOK_SECRET": case["secret"], "NOW": str(case["now"])}

    def accepts(*arguments):
        ended = subprocess.run(["sh", SCRIPT, *arguments], input=case["body"].encode(), env=environment,
                               capture_output=True, check=False)
        # Only 0 and 1 are judgements: anything else is a script that does not work.
        if ended.returncode not in (0, 1) or ended.stderr:
            sys.exit(f"verify.sh ended with {ended.returncode}: {ended.stderr.decode()}")
        return ended.returncode == 0

    return {"documented": accepts("documented", headers["X-InboundFlow-Signature"]),
            "standard": accepts("standard", *(headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")))}


def on_the_site(page):
    """What a page shows receivers, as the function that it defines."""
    shown = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    module = {}
    exec(shown[0], module)  # noqa: S102
    return module


def site():
    """It has one signature to check, and takes the time from the clock."""
    pages = sorted((DOCS / "site").glob("*/webhooks.md"))
    for page in pages:
        module = on_the_site(page)
        for case in CASES:
            module["time"] = types.SimpleNamespace(time=lambda now=case["now"]: now)
            judged = module["is_genuine"](case["secret"], case["headers"], case["body"].encode())
            if judged != case["valid"]["standard"]:
                sys.exit(f"{page}, {case['name']}: {judged}")
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
            some = {other: value for other, value in CASES[0]["headers"].items() if other != name}
            if module["is_genuine"](CASES[0]["secret"], some, CASES[0]["body"].encode()):
                sys.exit(f"{page} accepts a delivery without {name}")
    if not pages:
        sys.exit("the site's pages are not there")
    print(f"the Python of {len(pages)} pages judges {len(CASES)} vectors as published")


def missing_headers():
    """Frameworks give None for a header that is not there."""
    case = CASES[0]
    for none in range(3):
        arguments = [case["headers"][f"webhook-{name}"] for name in ("id", "timestamp", "signature")]
        arguments[none] = None
        if verify.verify_standard(case["secret"], *arguments, case["body"].encode(), now=case["now"]):
            sys.exit("verify.py accepts a delivery without all of its headers")
    if verify.verify_documented(case["secret"], None, case["body"].encode()):
        sys.exit("verify.py accepts a delivery without X-InboundFlow-Signature")


def post(url, body, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def signed_now(case):
    """The headers of a try that is made now, when the receiver's clock is right."""
    delivery, now = case["headers"]["webhook-id"], str(int(time.time()))
    signed = f"{delivery}.{now}.{case['body']}".encode()
    signature = hmac.new(base64.b64decode(case["secret"].removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return {"webhook-id": delivery, "webhook-timestamp": now,
            "webhook-signature": "v1," + base64.b64encode(signature).decode()}


def receive(case):
    """Two attempts of one delivery, and one that somebody made up."""
    body, headers = case["body"].encode(), signed_now(case)
    environment = {**os.environ, "WEBHOOK_SECRET": case["secret"], "PORT": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as work:
        receiver = subprocess.Popen([sys.executable, DOCS / "webhooks" / "receiver.py"], cwd=work, env=environment,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = receiver.stdout.readline().strip()
            answers = [post(url, body, headers), post(url, body, headers),
                       post(url, body + b" ", headers), post(url, body, case["headers"])]
            with sqlite3.connect(pathlib.Path(work) / "webhooks.db") as inbox:
                kept = inbox.execute("SELECT delivery_id, body FROM inbox").fetchall()
        finally:
            receiver.kill()
            receiver.wait()
    if answers != [204, 204, 400, 400] or kept != [(case["headers"]["webhook-id"], case["body"])]:
        sys.exit(f"receiver.py answered {answers} and kept {kept}")
    print("receiver.py keeps a delivery once, and none that is not verified")


def usage():
    """Whoever calls one of them without what it takes is told what that is."""
    environment = {name: value for name, value in os.environ.items() if name != "WEBHOOK_SECRET"}
    for command, said in ((["sh", SCRIPT], "verify.sh standard ID TIMESTAMP SIGNATURE"),
                          (["sh", SCRIPT, "documented"], "verify.sh documented SIGNATURE"),
                          (["sh", SCRIPT, "documented", "sha256=0"], "WEBHOOK_SECRET"),
                          ([sys.executable, str(DOCS / "webhooks" / "receiver.py")], "WEBHOOK_SECRET is not set")):
        ended = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                               check=False)
        if ended.returncode == 0 or said not in ended.stderr or "Traceback" in ended.stderr:
            sys.exit(f"{command} ended with {ended.returncode}: {ended.stderr}")


CASES = json.loads((DOCS / "webhook-vectors.json").read_text(encoding="utf-8"))["cases"]
for language, judge in (("verify.py", by_python), ("verify.sh", by_shell)):
    for case in CASES:
        judged = judge(case)
        if judged != case["valid"]:
            sys.exit(f"{language}, {case['name']}: {judged} instead of {case['valid']}")
    print(f"{language} judges {len(CASES)} vectors as published")
site()
missing_headers()
usage()
receive(CASES[0])
