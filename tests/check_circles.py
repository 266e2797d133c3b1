#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Finds circles of files: a file that needs, by whatever way, a file that needs it.

A file is its name without .c, .h or .inc. It needs those whose headers it includes, and those that
define a function which it names, whichever header declares it. Prints each circle, on a way around;
exit 1.
"""
import collections
import pathlib
import re
import sys

ROOMS = "common", "watcher", "mpi_worker"

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
INCLUDE = re.compile(r'^#\s*include\s+"([^"]+)"', re.MULTILINE)
DEFINITION = re.compile(r"^(?!static\b)[a-z][^;{}=]*?\b(dm_\w+)\([^;{}]*\)\s*\{", re.MULTILINE)
NAME = re.compile(r"(?<!struct )(?<!enum )\bdm_\w+\b")


def stem(path):
    return str(path).rsplit(".", 1)[0]


def read_tree():
    """The text of each file, without comments."""
    paths = sorted(p for room in ROOMS for p in pathlib.Path(room).rglob("*") if p.suffix in (".c", ".h", ".inc"))
    return {path: COMMENT.sub("", path.read_text(encoding="utf-8")) for path in paths}


def needs_of(tree):
    """For each file the files that it needs."""
    home = {name: stem(path) for path, text in tree.items() if path.suffix == ".c" for name in DEFINITION.findall(text)}
    needs = collections.defaultdict(set)
    for path, text in tree.items():
        needs[stem(path)] |= {stem(header) for header in INCLUDE.findall(text)}
        if path.suffix != ".h":
            needs[stem(path)] |= {home[name] for name in NAME.findall(text) if name in home}
    return needs


def way(needs, start, goal):
    """A shortest way of one step or more, as a list from start to goal; None: there is none."""
    queue, came_from = collections.deque([start]), {}
    while queue:
        at = queue.popleft()
        for to in sorted(needs.get(at, ())):
            if to == at:
                continue
            if to == goal:
                steps = [goal, at]
                while at != start:
                    at = came_from[at]
                    steps.append(at)
                return steps[::-1]
            if to not in came_from:
                came_from[to] = at
                queue.append(to)
    return None


def circles_of(needs):
    """One way around for each knot of files that need each other."""
    seen, circles = set(), []
    for file in sorted(needs):
        around = None if file in seen else way(needs, file, file)
        if around:
            seen |= {other for other in needs if way(needs, file, other) and way(needs, other, file)}
            circles.append(around)
    return circles


def main():
    circles = circles_of(needs_of(read_tree()))
    for circle in circles:
        print(" -> ".join(circle), " <- a circle of files")
    sys.exit(1 if circles else 0)


if __name__ == "__main__":
    main()
