#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the product claims of the files that come out, each as a named test; prints TAP.

usage: claims.py DROPMILL DIR [REGEX]       claims whose name matches
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../lib")
from modules import load_all  # noqa: E402
from tap import Tap  # noqa: E402
from world import CLAIMS, World  # noqa: E402


def main():
    dropmill, folder = sys.argv[1:3]
    pattern = sys.argv[3] if len(sys.argv) > 3 else ""
    load_all(f"{HERE}/claims")
    world = World(dropmill, folder)
    tap = Tap()
    for name, function in CLAIMS:
        if re.search(pattern, name):
            tap.call(name, function, world)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
