#!/usr/bin/env python3
"""Checks that whatever member of the workspace is built, its dependencies are built with the same features.

Cargo gives a dependency the features that the selected members ask for; another selection compiles it again, with all that
depends on it. shared/workspace-hack asks for all of them, and every member depends on it.

    .ci/features.py [--write]     with --write it makes shared/workspace-hack/Cargo.toml anew
"""
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = ROOT / "shared/workspace-hack/Cargo.toml"
START = "# What follows is written by .ci/features.py.\n"


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout


def features(*selection):
    """The sets of features that each dependency is built with: two of them where build scripts have it otherwise."""
    built = defaultdict(set)
    for line in cargo("tree", "--prefix", "none", "--format", "{p}|{f}", *selection).splitlines():
        package, _, wanted = line.removesuffix(" (*)").rpartition("|")
        if package and "(/" not in package:
            name, version = package.split()[:2]
            built[name, version[1:]].add(frozenset(filter(None, wanted.split(","))))
    return built


def differing():
    """Each dependency that some selection builds otherwise than all members together, with its features there."""
    members = [package["name"] for package in json.loads(cargo("metadata", "--no-deps", "--format-version", "1"))["packages"]]
    everything = features("--workspace", "--edges", "normal,build,dev")
    selections = [("--workspace", "--edges", "normal,build")]
    selections += [("--package", member, "--edges", edges) for member in members for edges in ("normal,build", "normal,build,dev")]
    found = {}
    for selection in selections:
        for package, sets in features(*selection).items():
            if not sets <= everything[package] or len(everything[package]) > 1:
                found[package] = frozenset().union(*everything[package])
    return found


def write(wanted):
    names = [name for name, _ in wanted]
    lines = []
    for (name, version), asked in sorted(wanted.items()):
        major, minor = version.split(".")[:2]
        compatible = major if major != "0" else f"0.{minor}"
        one = names.count(name) == 1
        key, package = (name, "") if one else (f"{name}-{compatible.replace('.', '-')}", f'package = "{name}", ')
        lines.append(f'{key} = {{ {package}version = "{compatible}", default-features = false, features = {json.dumps(sorted(asked))} }}\n')
    listed = "".join(lines)
    head = MANIFEST.read_text().partition(START)[0]
    keys = json.dumps([line.split(" = ")[0] for line in lines])
    MANIFEST.write_text(f"{head}{START}[dependencies]\n{listed}\n# As above, for build scripts and macros.\n[build-dependencies]\n{listed}\n"
                        f"[package.metadata.cargo-machete]\nignored = {keys}\n")


if "--write" in sys.argv:
    wanted = {}
    write(wanted)
    # What is asked for can bring more: until it brings no more.
    while not (found := differing()).items() <= wanted.items():
        wanted |= found
        write(wanted)
elif found := differing():
    for (name, version), asked in sorted(found.items()):
        print(f"{name} {version} is built with other features by one member alone than by all: {', '.join(sorted(asked))}", file=sys.stderr)
    sys.exit("Run .ci/features.py --write")
