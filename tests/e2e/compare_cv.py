#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compare an outbox with what OpenCV makes of the same sources, pixel by pixel.

compare_cv.py SOURCES OUTBOX   every folder of OUTBOX that stands in CHAINS; exit 1 on any difference
"""
import os
import sys

import cv2
import numpy as np

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
import opencv  # noqa: E402


# What the two older systems did, by the folder name that does it now.
CHAINS = {
    "median-5": opencv.median(5),
    "median-21": opencv.median(21),
    "blur-k15": opencv.gauss(15),
    "edges-100-200": opencv.canny(100, 200),
    "gray_open-3": opencv.chain(opencv.gray, opencv.opening(3)),
    "sharpen": opencv.filtered(opencv.SOFT),
    "invert": cv2.bitwise_not,
    "gray": opencv.gray,
    "brighten": opencv.scale(1.2),
    "darken": opencv.scale(0.8),
    "enhance": opencv.enhance,
    "rotate-90": opencv.turn(cv2.ROTATE_90_CLOCKWISE),
}


def compare(source, result, oracle):
    expected = oracle(cv2.imread(source))
    got = cv2.imread(result, cv2.IMREAD_UNCHANGED)
    if got is None:
        return "is missing"
    if got.shape != expected.shape:
        return f"has shape {got.shape}, expected {expected.shape}"
    different = int(np.count_nonzero(got != expected))
    return f"has {different} different samples" if different else None


def main():
    sources, outbox = sys.argv[1:3]
    compared = failures = 0
    for chain in sorted(os.listdir(outbox)):
        if chain not in CHAINS:
            continue
        for name in sorted(os.listdir(sources)):
            result = os.path.join(outbox, chain, name)
            problem = compare(os.path.join(sources, name), result, CHAINS[chain])
            compared += 1
            if problem:
                failures += 1
                print(f"# {result} {problem}")
    print(f"# compared {compared} images with OpenCV {cv2.__version__}, {failures} differ")
    sys.exit(1 if failures or not compared else 0)


if __name__ == "__main__":
    main()
