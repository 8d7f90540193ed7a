"""What the checks run against: `dev`, and the stack in the emulator of AWS."""
import atexit
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMAND = str(ROOT / "target/debug/inboundflow")
BUILT = ROOT / ".aws-sam/build"
EMULATOR = [str(ROOT / ".venv/emulator/bin/python"), str(ROOT / ".ci/emulator.py")]
STACK = "InboundFlow"
SCOPES = ",".join(json.loads((ROOT / "docs/openapi.json").read_text("utf-8"))["components"]["schemas"]["Scope"]["enum"])
DIRECTORY = tempfile.TemporaryDirectory(prefix="end-to-end-")
WORK = pathlib.Path(DIRECTORY.name)

# What was started is ended at exit, and a terminated run has to exit for that.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def expect(holds, what):
    if not holds:
        sys.exit(f"{sys.argv[0]}: {what}")


def executable(name, text):
    """A folder with a bootstrap in it, as a function's code is."""
    folder = WORK / name
    folder.mkdir()
    bootstrap = folder / "bootstrap"
    bootstrap.write_text(text, encoding="utf-8")
    bootstrap.chmod(0o755)
    return str(folder)


class Unfollowed(urllib.request.HTTPRedirectHandler):
    """Where an answer leads is part of it."""

    def redirect_request(self, *_):
        return None


class System:
    """A running API, and how the command reaches what is behind it. `address` is what it says that its own is."""

    opener = urllib.request.build_opener(Unfollowed)

    def __init__(self, url, environment, options):
        self.url, self.address, self.environment, self.options = url, url, environment, options

    def command(self, *arguments, succeeds=True, **settings):
        done = subprocess.run(
            [COMMAND, *arguments, *self.options], env={**self.environment, **settings}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if succeeds and done.returncode != 0:
            sys.exit(f"end-to-end: inboundflow {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    def organization(self, name):
        created = self.command("orgs", "create", "--name", name, "--plan", "Starter Plan", "--json")
        return json.loads(created.stdout)["organization_id"]

    def key(self, organization, scopes=SCOPES, *options):
        """The id of a new key, and the key itself."""
        arguments = ["--organization", organization, "--name", "end to end", "--scopes", scopes, "--json", *options]
        created = json.loads(self.command("keys", "create", *arguments).stdout)
        return created["key_id"], created["api_key"]

    def ask(self, path, key=None, method="GET", body=None, **headers):
        """Status, headers and text of an answer."""
        if key:
            headers["Authorization"] = f"Bearer {key}"
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with self.opener.open(request, timeout=40) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()


def start(arguments, environment):
    """A process that ends with this one; what it says besides is kept for when it fails."""
    errors = tempfile.TemporaryFile("w+", dir=WORK)
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
    process.errors = errors
    atexit.register(end, process)
    return process


def fail(process):
    process.errors.seek(0)
    sys.exit(f"{process.args[0]} did not start: {process.errors.read()[-2000:]}")


def end(process):
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    process.kill()


def without_aws():
    """The environment, without what it says of AWS."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def dev(*options):
    """A `dev` on free ports. Returns what it says of itself: its `url`, with demo data its `api_key`, and more."""
    process = start([COMMAND, "dev", "--json", "--port", "0", "--dynamodb-port", "0", *options], without_aws())
    return json.loads(process.stdout.readline() or fail(process))


def local():
    """`dev` with nothing in it."""
    ready = dev("--no-demo")
    return System(ready["url"], without_aws(), ["--endpoint-url", ready["dynamodb_endpoint"]])


class Stack(System):
    """The template's stack in the emulator."""

    def __init__(self):
        ready = WORK / "ready"
        emulator = start([*EMULATOR, "--ready", str(ready)], dict(os.environ))
        while not ready.exists():
            if emulator.poll() is not None:
                fail(emulator)
            time.sleep(0.1)
        there = json.loads(ready.read_text(encoding="utf-8"))
        environment = {
            **os.environ, "AWS_ENDPOINT_URL": there["endpoint"], "AWS_ACCESS_KEY_ID": there["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": there["secret_access_key"], "AWS_REGION": there["region"],
            "AWS_DEFAULT_REGION": there["region"], "SAM_CLI_TELEMETRY": "0"}
        super().__init__(None, environment, [])
        os.environ.update(environment)
        import boto3
        self.client = boto3.client
        self.outputs = {}

    def deploy(self, template, *parameters):
        """Deploys a template beside the built functions. Returns what `sam` said."""
        file = BUILT / "end-to-end.json"
        file.write_text(json.dumps(template), encoding="utf-8")
        sam = [str(pathlib.Path(sys.executable).with_name("sam")), "deploy", "--template-file", str(file),
               "--stack-name", STACK, "--resolve-s3", "--no-confirm-changeset", "--no-fail-on-empty-changeset",
               "--capabilities", "CAPABILITY_IAM", "--parameter-overrides", "Architecture=x86_64", *parameters]
        done = subprocess.run(sam, env=self.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        file.unlink()
        if done.returncode != 0:
            sys.exit(f"end-to-end: sam deploy: {done.stdout}")
        stack = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        # The emulator's own address of the gateway; it has another API id when the routes have changed.
        self.url = f"{self.environment['AWS_ENDPOINT_URL']}/_aws/execute-api/{self.outputs['RestApiId']}/live"
        self.address = self.outputs["BaseUrl"]
        return done.stdout
