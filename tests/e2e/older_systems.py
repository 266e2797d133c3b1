#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Run every recipe of the older systems and compare with the OpenCV call that they made.

usage: older_systems.py DROPMILL CONF RECIPES DIR
"""
import os
import re
import subprocess
import sys

import cv2
import numpy as np

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
import opencv  # noqa: E402
from pictures import PICTURES  # noqa: E402


CALLS = {
    "gui-image-rotating": opencv.turn_keep(30),
    "gui-edge-detection": opencv.canny(100, 200),
    "gui-color-inversion": cv2.bitwise_not,
    "gui-blurring": opencv.median(21),
    "gui-thresholding": opencv.gray,
    "gui-sharpening": opencv.filtered(opencv.SOFT),
    "gui-opening": opencv.chain(opencv.gray, opencv.opening(3)),
    "gui-image-enhancement": opencv.enhance,
    "page-canny": opencv.canny(100, 200),
    "page-blurring": opencv.gauss(15),
    "page-median": opencv.median(5),
    "page-brightness-up": opencv.scale(1.2),
    "page-brightness-down": opencv.scale(0.8),
    "page-negation": cv2.bitwise_not,
}
NAMES = ("photo", "noise", "salt", "low-contrast", "odd-height")


def check(recipe, call, folder, results):
    for name in NAMES:
        source = cv2.imread(f"{folder}/{name}.png")
        result = cv2.imread(f"{results}/{name}.png", cv2.IMREAD_UNCHANGED)
        if not np.array_equal(result, call(source)):
            raise SystemExit(f"{recipe} of {name}: pixels differ from OpenCV's")


def main():
    dropmill, conf, recipes, folder = sys.argv[1:]
    os.makedirs(folder)
    for name in NAMES:
        cv2.imwrite(f"{folder}/{name}.png", PICTURES[name])
    with open(recipes, encoding="utf-8") as file:
        listed = re.findall(r"^([a-z-]+) = ", file.read(), re.MULTILINE)
    if sorted(listed) != sorted(CALLS):
        raise SystemExit(f"recipes and calls are not the same: {set(listed) ^ set(CALLS)}")
    sources = [f"{folder}/{name}.png" for name in NAMES]
    for recipe, call in CALLS.items():
        results = f"{folder}/{recipe}"
        subprocess.run([dropmill, "--config", conf, "--quiet", "process", "--with", recipe, "-o", results,
                        *sources], check=True)
        check(recipe, call, folder, results)


if __name__ == "__main__":
    main()
