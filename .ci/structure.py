"""Checks the shape of the Rust sources: no circle of files within a crate, and no file that is too long.

A file imports another one where one of its paths (`use` or in place, in the crate's own modules) leads to an item that the
other one defines. Re-exports are followed to the definition, so a `mod.rs` that only gathers is part of no circle.
A file's own tests and what macros hide do not count.

    python3 .ci/structure.py [--list]
"""

import re
import subprocess
import sys
from pathlib import Path

MAX_LINES = 350
ITEM = re.compile(
    r"^(?:pub(?:\([^)]*\))?\s+)?(?:default\s+|const\s+(?=fn)|async\s+|unsafe\s+|extern\s+\"C\"\s+)*"
    r"(?:fn|struct|enum|union|trait|type|const|static|macro_rules!)\s+(?:mut\s+)?(\w+)", re.M)
MOD = re.compile(r"^\s*(?:#\[path\s*=\s*\"([^\"]+)\"\]\s*)?(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;", re.M)
USE = re.compile(r"\b(?:pub(?:\([^)]*\))?\s+)?use\s+([^;]+);")
PATH = re.compile(r"(?<![\w:])((?:crate|super|self)(?:::\w+)+)")


def source(text):
    """The text without its own tests, and without comments and strings, which may name paths too."""
    text = text.partition("#[cfg(test)]\nmod tests {")[0]
    text = re.sub(r"//[^\n]*", "", text)
    return re.sub(r'"(?:\\.|[^"\\])*"', '""', text, flags=re.S)


def leaves(tree, prefix=()):
    """Each path that a `use` tree names, with the name that it gets."""
    tree = tree.strip()
    if tree.startswith("{"):
        depth, part, parts = 0, "", []
        for c in tree[1:tree.rindex("}")]:
            depth += (c == "{") - (c == "}")
            if c == "," and depth == 0:
                parts.append(part)
                part = ""
            else:
                part += c
        for part in filter(str.strip, parts + [part]):
            yield from leaves(part, prefix)
        return
    head, _, rest = tree.partition("::")
    if rest:
        yield from leaves(rest, prefix + (head.strip(),))
        return
    name, _, alias = head.partition(" as ")
    name = name.strip()
    path = prefix if name == "self" else prefix + (name,)
    yield path, (alias.strip() or path[-1])


class Crate:
    def __init__(self, root):
        self.files, self.modules = {}, {}
        self.add((), root, root.parent)

    def add(self, module, file, folder):
        text = source(file.read_text())
        uses = [leaf for tree in USE.findall(text) for leaf in leaves(tree)]
        self.modules[module] = file
        self.files[file] = {
            "module": module,
            "items": set(ITEM.findall(text)),
            "uses": {alias: path for path, alias in uses if alias not in ("*", "_")},
            "globs": [path[:-1] for path, alias in uses if alias == "*"],
            "paths": [path for path, _ in uses] + [tuple(p.split("::")) for p in PATH.findall(USE.sub("", text))],
        }
        for given, name in MOD.findall(text):
            for candidate in (folder / given if given else folder / f"{name}.rs", folder / name / "mod.rs"):
                if candidate.exists():
                    self.add(module + (name,), candidate,
                             candidate.parent if candidate.name == "mod.rs" else folder / name)
                    break

    def resolve(self, module, path, seen=()):
        """The file that defines what a path in `module` leads to; none where that is not of this crate."""
        if not path or (module, path) in seen:
            return None
        seen += ((module, path),)
        head, rest = path[0], path[1:]
        if head == "crate":
            return self.inside((), rest, seen)
        if head == "self":
            return self.inside(module, rest, seen)
        if head == "super":
            return self.inside(module[:-1], rest, seen)
        if module + (head,) in self.modules or head in self.files[self.modules[module]]["uses"]:
            return self.inside(module, path, seen)
        return None

    def inside(self, module, path, seen):
        if module not in self.modules:
            return None
        file = self.modules[module]
        facts = self.files[file]
        if not path:
            return file
        head = path[0]
        if head == "super":
            return self.inside(module[:-1], path[1:], seen)
        if module + (head,) in self.modules:
            return self.inside(module + (head,), path[1:], seen)
        if head in facts["items"]:
            return file
        # `use hex::hex` names another crate.
        if head in facts["uses"] and facts["uses"][head][0] != head:
            return self.resolve(module, facts["uses"][head] + path[1:], seen)
        for glob in facts["globs"]:
            found = self.resolve(module, glob + path, seen)
            if found:
                return found
        return file if head in ("tests", "*") else None

    def edges(self):
        for file, facts in self.files.items():
            found = set()
            for path in facts["paths"]:
                # A single module name is only a way to other names.
                target = self.resolve(facts["module"], path)
                if path == ("super", "*") or target in (None, file):
                    continue
                found.add(target)
            yield file, found


def circles(edges):
    """Strongly connected groups of more than one file (Tarjan)."""
    index, low, stack, groups = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in edges.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            group = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(group) > 1:
                groups.append(sorted(map(str, group)))

    for node in edges:
        if node not in index:
            visit(node)
    return groups


def main():
    sys.setrecursionlimit(10_000)
    tracked = [Path(p) for p in subprocess.check_output(["git", "ls-files", "*.rs"], text=True).split() if Path(p).exists()]
    roots = [p for p in tracked if p.name in ("lib.rs", "main.rs")]
    faults = [f"{p}: {n} lines, {MAX_LINES} at the most" for p in tracked if (n := len(p.read_text().splitlines())) > MAX_LINES]
    for root in roots:
        edges = dict(Crate(root).edges())
        if "--list" in sys.argv:
            for file, targets in edges.items():
                print(file, "->", *sorted(map(str, targets)))
        for group in circles(edges):
            faults.append(f"a circle of {len(group)} files: {' '.join(group)}")
    print("\n".join(faults) or f"{len(tracked)} files: no circle, none too long")
    sys.exit(bool(faults))


main()
