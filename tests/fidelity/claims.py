#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the product claims of the files that come out, each as a named test; prints TAP.

usage: claims.py DROPMILL DIR [REGEX]       claims whose name matches
"""
import glob
import importlib.util
import os
import re
import sys
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import CLAIMS, World  # noqa: E402


def main():
    dropmill, folder = sys.argv[1:3]
    pattern = sys.argv[3] if len(sys.argv) > 3 else ""
    for path in sorted(glob.glob(f"{HERE}/claims/*.py")):
        spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    world = World(dropmill, folder)
    chosen = [(name, function) for name, function in CLAIMS if re.search(pattern, name)]
    failures = 0
    for number, (name, function) in enumerate(chosen, 1):
        try:
            function(world)
            print(f"ok {number} - {name}", flush=True)
        except Exception as error:  # a claim that cannot be looked at is not met
            failures += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            print(f"not ok {number} - {name}\n# {type(error).__name__}: {error} ({where.name}:{where.lineno})",
                  flush=True)
    print(f"1..{len(chosen)}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
