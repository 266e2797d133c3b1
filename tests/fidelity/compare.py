#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compare every operation that is defined by OpenCV with OpenCV, pixel by pixel.

usage: compare.py [--photos] [--table FILE] APPLY

APPLY is tests/fidelity/apply.c, built (see its first lines). What is compared on: pictures.py, and
with --photos also Debian's wallpapers, those that are installed. With what: cases/*.py, each of
which has a list CASES of (chain, function from a picture to the expected one), perhaps a Bound
where equality cannot be, and perhaps the kinds of picture that it is for. Prints one line per chain
and ends with 1 when any is beyond its bound; --table writes the same as Markdown.
"""

import argparse
import collections
import os
import subprocess
import sys
import tempfile

import cv2
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../lib")
from bound import EQUAL  # noqa: E402
from modules import load_all  # noqa: E402
from pictures import KINDS, PICTURES, photos  # noqa: E402

cv2.setNumThreads(1)

PLAIN = ("gray", "rgb")
Case = collections.namedtuple("Case", "chain oracle bound kinds", defaults=(EQUAL, PLAIN))


def load_cases():
    return [Case(*case) for module in load_all(f"{HERE}/cases") for case in module.CASES]


# ---- comparing


def in_order(image):
    """Between OpenCV's order of bands and ours."""
    order = {3: [2, 1, 0], 4: [2, 1, 0, 3]}.get(1 if image.ndim == 2 else image.shape[2])
    return image[:, :, order] if order else image


def read_raw(path):
    """What apply.c wrote, in OpenCV's order."""
    with open(path, "rb") as file:
        width, height, bands, size = map(int, file.readline().split())
        samples = np.frombuffer(file.read(), np.uint16 if size == 2 else np.uint8)
    image = samples.reshape(height, width, bands)
    return image[:, :, 0] if bands == 1 else in_order(image)


def difference(ours, theirs):
    """Largest difference and the share of samples that differ."""
    if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
        return 65536, 1.0
    off = np.abs(ours.astype(int) - theirs.astype(int))
    return int(off.max()), float((off > 0).mean())


class Row:
    """What became of the cases of one chain on all pictures."""

    def __init__(self):
        self.count, self.worst, self.share, self.where, self.breach = 0, 0, 0.0, "", False
        self.parities = set()  # (height, width) modulo 2: what turns about a centre may differ there

    def add(self, worst, share, bound, name, size):
        self.count += 1
        self.parities.add((size[0] % 2, size[1] % 2))
        self.breach |= worst > bound.levels or share > bound.share
        if (worst, share) > (self.worst, self.share):
            self.worst, self.share, self.where = worst, share, name


def compare_picture(apply, cases, name, image, folder, rows):
    """Run @cases on one picture of one kind."""
    source = f"{folder}/{name}.png"
    cv2.imwrite(source, image)
    outs = [f"{folder}/{number}.raw" for number in range(len(cases))]
    lines = "".join(f"{case.chain}\t{source}\t{out}\n" for case, out in zip(cases, outs))
    subprocess.run([apply], input=lines.encode(), check=True)
    for case, out in zip(cases, outs):
        found = difference(read_raw(out), case.oracle(image))
        rows[case.chain].add(*found, case.bound, name, image.shape[:2])
        os.unlink(out)


def write_table(path, rows, pictures):
    with open(path, "w", encoding="utf-8") as file:
        file.write("# Every operation that OpenCV defines, beside OpenCV\n\n")
        file.write(f"By `make fidelity`, with OpenCV {cv2.__version__}, on these pictures: ")
        file.write(", ".join(pictures) + ". Maxima are those of the worst picture.\n\n")
        file.write("| operation | cases | max difference | differing samples |\n|---|--:|--:|--:|\n")
        for chain, row in rows.items():
            file.write(f"| `{chain}` | {row.count} | {row.worst} | {row.share:.4%} |\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("apply")
    parser.add_argument("--photos", action="store_true")
    parser.add_argument("--table", metavar="FILE")
    args = parser.parse_args()

    cases = load_cases()
    rows = {case.chain: Row() for case in cases}
    pictures = {**PICTURES, **(photos() if args.photos else {})}
    with tempfile.TemporaryDirectory() as folder:
        for name, picture in pictures.items():
            for kind, make in KINDS.items():
                fitting = [case for case in cases if kind in case.kinds]
                compare_picture(
                    args.apply, fitting, f"{name}-{kind}", make(picture), folder, rows
                )
    print(f"{'operation':<24}{'cases':>6}{'max diff':>10}{'differing':>11}")
    for chain, row in rows.items():
        print(f"{chain:<24}{row.count:>6}{row.worst:>10}{row.share:>10.4%} {row.where}")
    if args.table:
        write_table(args.table, rows, pictures)
    breaches = [chain for chain, row in rows.items() if row.breach]
    print("all within their bounds" if not breaches else f"DIFFERENT: {' '.join(breaches)}")
    untried = [chain for chain, row in rows.items() if len(row.parities) < 4]
    if untried:
        print(f"NOT TRIED on every pair of odd and even sides: {' '.join(untried)}")
    return 1 if breaches or untried else 0


if __name__ == "__main__":
    sys.exit(main())
