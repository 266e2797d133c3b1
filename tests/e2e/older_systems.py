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

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../fidelity")
from pictures import PICTURES  # noqa: E402


def gray(image):
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def rotate(image):
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width // 2, height // 2), 30, 1)
    return cv2.warpAffine(image, matrix, (width, height))


def enhance(image):
    low, high = float(image.min()), float(image.max())
    return cv2.convertScaleAbs(image, alpha=255 / (high - low), beta=-255 * low / (high - low))


def opening(image):
    return cv2.morphologyEx(gray(image), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))


def sharpen(image):
    return cv2.filter2D(image, -1, np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]))


CALLS = {
    "gui-image-rotating": rotate,
    "gui-edge-detection": lambda image: cv2.Canny(image, 100, 200),
    "gui-color-inversion": cv2.bitwise_not,
    "gui-blurring": lambda image: cv2.medianBlur(image, 21),
    "gui-thresholding": gray,
    "gui-sharpening": sharpen,
    "gui-opening": opening,
    "gui-image-enhancement": enhance,
    "page-canny": lambda image: cv2.Canny(image, 100, 200),
    "page-blurring": lambda image: cv2.GaussianBlur(image, (15, 15), 0),
    "page-median": lambda image: cv2.medianBlur(image, 5),
    "page-brightness-up": lambda image: cv2.convertScaleAbs(image, alpha=1.2),
    "page-brightness-down": lambda image: cv2.convertScaleAbs(image, alpha=0.8),
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
