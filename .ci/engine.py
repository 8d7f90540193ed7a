"""A Docker engine, and in it the images that `sam local` starts functions from.

Where no engine answers, root gets one of its own, under a folder that git ignores; it ends with this process. Where the
registry cannot be reached, Debian stands in for Amazon Linux: a minimal system from where apt of this machine has its own,
of the same release.
"""
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

import samcli

from system import ROOT, expect, fail, start

FOLDER = ROOT / ".aws-sam/docker"
IMAGE = "public.ecr.aws/lambda/provided:al2023"
# As `sam local` calls it: the image with AWS's emulator of the runtime interface in it.
EMULATION = f"{IMAGE}-rapid-x86_64"
EMULATOR = pathlib.Path(samcli.__file__).parent / "local/rapid/aws-lambda-rie-x86_64"


def docker(*arguments, **options):
    """What `docker` says where it succeeds; nothing where it fails, or is not there."""
    try:
        done = subprocess.run(["docker", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def skip(why, what_to_do):
    """Only root can do something about it here, and so must not go without."""
    expect(os.geteuid() != 0, why)
    print(f"skipped, since {why}. {what_to_do}")
    sys.exit(0)


def answers():
    return docker("version", "--format", "{{.Server.Version}}") is not None


def ready():
    """An engine answers, and has both images."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        skip("this is not Linux on x86_64, for which .ci/build builds", "CONTRIBUTING says how to run it by hand.")
    if not answers():
        if os.geteuid() != 0:
            skip("no Docker engine answers", "Start yours, or run `make sam-local` as root, which starts one for as long as it takes.")
        start_engine()
    if docker("image", "inspect", IMAGE) is None and docker("pull", IMAGE) is None:
        if os.geteuid() != 0:
            skip(f"{IMAGE} cannot be pulled", "As root, `make sam-local` makes an image that stands in for it.")
        import_image()
    add_emulator()


def start_engine():
    expect(shutil.which("dockerd"), "there is no Docker engine: .ci/install-tools installs one")
    FOLDER.mkdir(parents=True, exist_ok=True)
    address = f"unix://{FOLDER}/socket"
    os.environ["DOCKER_HOST"] = address
    folders = ["--data-root", f"{FOLDER}/data", "--exec-root", f"{FOLDER}/exec", "--pidfile", f"{FOLDER}/pid"]
    engine = start(["dockerd", "--host", address, *folders], dict(os.environ))
    deadline = time.monotonic() + 60
    while not answers():
        if engine.poll() is not None or time.monotonic() > deadline:
            fail(engine)
        time.sleep(0.2)


def import_image():
    """The first time it takes most of a minute."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    system = tempfile.mkdtemp(prefix=f"{release}-", dir=FOLDER)
    made = subprocess.run(
        # The functions call HTTPS, and Amazon Linux has the certificates for it.
        ["debootstrap", "--variant=minbase", "--include=ca-certificates", release, system, mirror(release)],
        env={**os.environ, **proxy()}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    # Where it failed, something may be mounted in there still.
    expect(made.returncode == 0, f"debootstrap of {release} into {system} failed:\n{made.stdout[-2000:]}")
    with subprocess.Popen(["tar", "-C", system, "-c", "."], stdout=subprocess.PIPE) as files:
        expect(docker("import", "-", IMAGE, stdin=files.stdout), f"{IMAGE} could not be imported")
    shutil.rmtree(system)


def mirror(release):
    """Where apt has this release from."""
    wanted = ["Created-By: Packages", f"Codename: {release}", "Component: main"]
    said = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.split()
    expect(said, f"apt has no source of {release}")
    return said[0]


def proxy():
    """By which proxy apt gets there, for those who do not ask apt."""
    said = subprocess.run(["apt-config", "dump", "--format", "%v", "Acquire::http::Proxy"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()
    return {"http_proxy": said} if said and said != "DIRECT" else {}


def add_emulator():
    """Anew each time: the emulator is that of the SAM CLI which is installed. SAM's own way to add it asks the registry."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder) / "rapid/aws-lambda-rie"
        place.parent.mkdir()
        shutil.copy(EMULATOR, place)
        place.chmod(0o755)
        container = docker("create", IMAGE, "true")
        added = docker("cp", str(place.parent), f"{container}:/var/") is not None and docker("commit", container, EMULATION)
        docker("rm", container or "")
    expect(added, f"{EMULATION} could not be made")
