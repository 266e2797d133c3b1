#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compare every operation that is defined by OpenCV with OpenCV, pixel by pixel.

usage: compare.py APPLY        APPLY is tests/fidelity/apply.c, built (see its first lines)

What is compared on: pictures.py. With what: cases/*.py, each of which has a list CASES of
(chain, function from a picture to the expected one), and perhaps a Bound where equality cannot be.
Prints one line per chain and ends with 1 when any is beyond its bound.
"""

import collections
import glob
import importlib.util
import os
import subprocess
import sys
import tempfile

import cv2
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from bound import EQUAL  # noqa: E402
from pictures import PICTURES  # noqa: E402

cv2.setNumThreads(1)

Case = collections.namedtuple("Case", "chain oracle bound", defaults=(EQUAL,))


def load_cases():
    cases = []
    for path in sorted(glob.glob(f"{HERE}/cases/*.py")):
        spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        cases += [Case(*case) for case in module.CASES]
    return cases


# ---- comparing


def read_raw(path):
    """What apply.c wrote, in OpenCV's order."""
    with open(path, "rb") as file:
        width, height, bands, size = map(int, file.readline().split())
        samples = np.frombuffer(file.read(), np.uint16 if size == 2 else np.uint8)
    image = samples.reshape(height, width, bands)
    return image[:, :, 0] if bands == 1 else image[:, :, ::-1]


def all_runs(folder, cases):
    for name, colour in PICTURES.items():
        for image, kind in ((colour, "rgb"), (np.ascontiguousarray(colour[:, :, 1]), "gray")):
            source = os.path.join(folder, f"{name}-{kind}.png")
            cv2.imwrite(source, image)
            for number, case in enumerate(cases):
                yield case, image, f"{name}-{kind}", source, f"{source}.{number}.raw"


def difference(ours, theirs):
    """Largest difference and the share of samples that differ."""
    if ours.shape != theirs.shape:
        return 65536, 1.0
    off = np.abs(ours.astype(int) - theirs.astype(int))
    return int(off.max()), float((off > 0).mean())


class Row:
    """What became of one case on all pictures."""

    def __init__(self):
        self.count, self.worst, self.share, self.where, self.breach = 0, 0, 0.0, "", False

    def add(self, worst, share, bound, name):
        self.count += 1
        self.breach |= worst > bound.levels or share > bound.share
        if (worst, share) > (self.worst, self.share):
            self.worst, self.share, self.where = worst, share, name


def main():
    cases = load_cases()
    rows = {case.chain: Row() for case in cases}
    with tempfile.TemporaryDirectory() as folder:
        runs = list(all_runs(folder, cases))
        lines = "".join(f"{case.chain}\t{source}\t{out}\n" for case, _, _, source, out in runs)
        subprocess.run([sys.argv[1]], input=lines.encode(), check=True)
        for case, image, name, _, out in runs:
            found = difference(read_raw(out), case.oracle(image))
            os.unlink(out)
            rows[case.chain].add(*found, case.bound, name)
    print(f"{'operation':<24}{'cases':>6}{'max diff':>10}{'differing':>11}")
    for chain, row in rows.items():
        print(f"{chain:<24}{row.count:>6}{row.worst:>10}{row.share:>10.4%} {row.where}")
    breaches = [chain for chain, row in rows.items() if row.breach]
    print("all within their bounds" if not breaches else f"DIFFERENT: {' '.join(breaches)}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
