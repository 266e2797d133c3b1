#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compare an outbox with what OpenCV makes of the same sources, pixel by pixel.

compare_cv.py SOURCES OUTBOX   every folder of OUTBOX that stands in CHAINS; exit 1 on any difference
"""
import os
import sys

import cv2
import numpy as np


def enhance(image):
    low, high = int(image.min()), int(image.max())
    return cv2.convertScaleAbs(image, alpha=255 / (high - low), beta=-low * 255 / (high - low))


def gray(image):
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def sharpen(image):
    return cv2.filter2D(image, -1, np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]))


# What the two older systems did, by the folder name that does it now.
CHAINS = {
    "median-5": lambda i: cv2.medianBlur(i, 5),
    "median-21": lambda i: cv2.medianBlur(i, 21),
    "blur-k15": lambda i: cv2.GaussianBlur(i, (15, 15), 0),
    "edges-100-200": lambda i: cv2.Canny(i, 100, 200),
    "gray_open-3": lambda i: cv2.morphologyEx(gray(i), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)),
    "sharpen": sharpen,
    "invert": cv2.bitwise_not,
    "gray": gray,
    "brighten": lambda i: cv2.convertScaleAbs(i, alpha=1.2, beta=0),
    "darken": lambda i: cv2.convertScaleAbs(i, alpha=0.8, beta=0),
    "enhance": enhance,
    "rotate-90": lambda i: cv2.rotate(i, cv2.ROTATE_90_CLOCKWISE),
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
