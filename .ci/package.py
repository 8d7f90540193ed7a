#!/usr/bin/env python3
"""What packaging/build makes, installed and started as its users do: the wheel by pip, the image by Docker, for x86_64 and,
by qemu, for arm64. `dev` answers from each."""
import atexit
import json
import os
import pathlib
import subprocess
import sys
import time
import zipfile

import engine
from system import ROOT, System, WORK, expect, fail, start, without_aws

DIST = ROOT / "dist"
QEMU = "/usr/bin/qemu-aarch64-static"
ON_FREE_PORTS = ["dev", "--json", "--port", "0", "--dynamodb-port", "0"]


def output(*command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    expect(done.returncode == 0, f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def build(architecture, path=os.environ["PATH"]):
    """Not optimized: that takes ten minutes more."""
    output("packaging/build", architecture, cwd=ROOT, env={**os.environ, "PATH": path, "PROFILE": "dev"})
    checksums()


def answers(url, key):
    """That the API is there, with demo data."""
    system = System(url, {}, [])
    for path in ("/v1/me", "/v1/calls?limit=1", "/docs/en/index.html"):
        status, _, text = system.ask(path, key)
        expect(status == 200 and text, f"{path}: {status} {text[:300]}")


def dev_answers(command):
    """Starts `dev` by this command, and asks it."""
    dev = start([*command, *ON_FREE_PORTS], without_aws())
    ready = json.loads(dev.stdout.readline() or fail(dev))
    answers(ready["url"], ready["api_key"])
    dev.terminate()
    expect(dev.wait(20) == 0, f"{command}: dev ended with {dev.returncode}")


def wheel():
    """Installed by pip from the file alone."""
    file = next(DIST.glob("*_x86_64.whl"))
    folder = WORK / "wheel"
    output(sys.executable, "-m", "venv", str(folder))
    output(str(folder / "bin/pip"), "install", "--no-index", "--quiet", str(file))
    command = str(folder / "bin/inboundflow")
    dev_answers([command])


def container(tag, *arguments, entrypoint=(), published=()):
    """A container that runs in the background. Returns its id; it is removed at the end."""
    ports = [word for port in published for word in ("--publish", f"127.0.0.1::{port}")]
    name = output("docker", "run", "--detach", *ports, *entrypoint, tag, *arguments).strip()
    atexit.register(engine.docker, "rm", "--force", name)
    return name


def logged(name, words):
    """The container's output, once these words are in it."""
    deadline = time.monotonic() + 60
    while words not in (said := output("docker", "logs", name)):
        running = output("docker", "inspect", "--format", "{{.State.Running}}", name).strip()
        if running != "true" or time.monotonic() > deadline:
            subprocess.run(["docker", "logs", name], check=True)
            sys.exit(f"a container does not say {words!r}")
        time.sleep(0.2)
    return said


def image(architecture, qemu=()):
    """Started as it is, with its own command; then asked on its published port, from another container by name, and ended."""
    output("docker", "load", "--input", str(next(DIST.glob(f"*-{architecture}-image.tar.gz"))))
    tag = next(tag for tag in output("docker", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
               if tag.startswith("inboundflow:") and tag.endswith(architecture))
    configuration = json.loads(output("docker", "inspect", tag))[0]
    expect(configuration["Architecture"] == architecture, f"{tag} is for {configuration['Architecture']}")
    expect(configuration["Config"]["User"] == "65532:65532", f"{tag} runs as {configuration['Config']['User']!r}")
    own = configuration["Config"]["Cmd"] if not qemu else ["/inboundflow", *configuration["Config"]["Cmd"]]
    name = container(tag, *own, "--json", entrypoint=qemu, published=[3000])
    ready = json.loads(logged(name, "}\n"))
    answers(f"http://{output('docker', 'port', name, '3000').strip()}", ready["api_key"])
    return tag, name


def image_by_name(tag):
    """The static command resolves names: it asks a `dev` on a network of containers."""
    network = f"inboundflow-package-{os.getpid()}"
    output("docker", "network", "create", network)
    atexit.register(engine.docker, "network", "rm", network)
    server = container(tag, "dev", "--listen", "inboundflow-dev", "--json",
                       entrypoint=["--network", network, "--name", "inboundflow-dev"])
    key = json.loads(logged(server, "}\n"))["api_key"]
    asked = output("docker", "run", "--rm", "--network", network, "--env", f"INBOUNDFLOW_API_KEY={key}", tag,
                   "me", "--base-url", "http://inboundflow-dev:3000", "-o", "json")
    expect("organization_id" in asked, f"inboundflow me in a container: {asked}")
    engine.docker("rm", "--force", server)


def data_is_kept(tag):
    """A volume that Docker makes is the user's, and `dev --data` finds its organization in it again."""
    volume = f"inboundflow-package-{os.getpid()}"
    atexit.register(engine.docker, "volume", "rm", volume)
    options = ["--volume", f"{volume}:/data"]
    arguments = ["dev", "--listen", "0.0.0.0", "--expose", "--data", "/data", "--json"]
    organizations = []
    for _ in range(2):
        name = container(tag, *arguments, entrypoint=options)
        organizations.append(json.loads(logged(name, "}\n"))["organization_id"])
        began = time.monotonic()
        output("docker", "stop", name)
        ended = output("docker", "inspect", "--format", "{{.State.ExitCode}}", name).strip()
        expect(ended == "0" and time.monotonic() - began < 9, f"dev in a container ended with {ended}")
        output("docker", "rm", name)
    expect(organizations[0] == organizations[1], f"dev --data has another organization: {organizations}")


def checksums():
    output("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=DIST)
    listed = {line.split()[1] for line in (DIST / "SHA256SUMS").read_text("utf-8").splitlines()}
    there = {path.name for path in DIST.iterdir()} - {"SHA256SUMS"}
    expect(listed == there, f"SHA256SUMS lists {listed}, and there is {there}")
    components = json.loads(next(DIST.glob("*.cyclonedx.json")).read_text("utf-8"))["components"]
    expect(any(component["name"] == "rustls" for component in components), "the SBOM has no rustls")


def x86_64():
    build("x86_64")
    wheel()
    tag, name = image("amd64")
    engine.docker("rm", "--force", name)
    image_by_name(tag)
    data_is_kept(tag)


def arm64():
    """By qemu. Debian's Rust compiles for it where rustup's does not, as in .ci/build."""
    debian = ROOT / "target/debian-rust"
    build("aarch64", f"{debian}:{os.environ['PATH']}")
    with zipfile.ZipFile(next(DIST.glob("*_aarch64.whl"))) as archive:
        command = next(name for name in archive.namelist() if name.endswith("/scripts/inboundflow"))
        file = pathlib.Path(archive.extract(command, WORK))
    file.chmod(0o755)
    dev_answers([QEMU, "-L", "/usr/aarch64-linux-gnu", str(file)])
    image("arm64", ["--volume", f"{QEMU}:/qemu:ro", "--entrypoint", "/qemu"])


def main():
    if not engine.answers():
        if os.geteuid() != 0:
            engine.skip("no Docker engine answers", "Start yours, or run `make package` as root.")
        engine.start_engine()
    x86_64()
    arm64()
    print("package: the wheel and the image of x86_64 and of arm64 start, and answer")


if __name__ == "__main__":
    main()
