#!/usr/bin/env python3
"""What the built binaries tell without being started: their machine, the glibc that they need, and what a panic does."""
import re
import subprocess

from system import BUILT, ROOT, expect

FUNCTIONS = sorted(folder.name for folder in (ROOT / "functions").iterdir())
MACHINES = {"x86_64": "Advanced Micro Devices X86-64", "arm64": "AArch64"}
# provided.al2023 has this glibc: a binary that needs a newer symbol does not start there.
NEWEST_GLIBC = (2, 34)
# Where a panic aborts, there are landing pads in the standard library alone: 5 KB of them.
LEAST_LANDING_PADS = 20_000


def bootstrap(architecture, function):
    if architecture == "arm64":
        return BUILT.with_name("arm64") / function / "bootstrap"
    return BUILT / f"{function.capitalize()}Function" / "bootstrap"


def readelf(file, *arguments):
    return subprocess.run(["readelf", "--wide", *arguments, str(file)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def newest_glibc(file):
    versions = re.findall(r"GLIBC_([0-9.]+)", readelf(file, "--version-info"))
    return max(tuple(map(int, version.split("."))) for version in versions)


def landing_pads(file):
    section = re.search(r"\.gcc_except_table\s+PROGBITS\s+\S+\s+\S+\s+(\S+)", readelf(file, "--sections"))
    return int(section[1], 16)


def check(architecture):
    needed, sizes = set(), []
    for file in (bootstrap(architecture, function) for function in FUNCTIONS):
        machine = re.search(r"Machine:\s+(.*)", readelf(file, "--file-header"))[1]
        expect(machine == MACHINES[architecture], f"{file} is for {machine}")
        needed.add(newest_glibc(file))
        expect(max(needed) <= NEWEST_GLIBC, f"{file} needs glibc {max(needed)}")
        expect(landing_pads(file) >= LEAST_LANDING_PADS, f"{file} aborts where it panics: the profile has to unwind")
        sizes.append(file.stat().st_size)
    print(f"{architecture}: {len(sizes)} binaries, {sum(sizes) / 1e6:.1f} MB, need glibc {'.'.join(map(str, max(needed)))}")


if __name__ == "__main__":
    for architecture in MACHINES:
        if bootstrap(architecture, FUNCTIONS[0]).exists():
            check(architecture)
