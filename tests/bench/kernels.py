#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What each neighbourhood kernel costs, beside OpenCV on one thread.

usage: kernels.py KERNELS [chain ...]       KERNELS is tests/bench/kernels.c, built

Both work on one picture of 12 megapixels in memory, in turns; each figure is the smallest CPU time
of the rounds. A new line is a row in PEERS.
"""
import os
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../fidelity")
from pictures import photo  # noqa: E402

ROUNDS = 5
WIDTH, HEIGHT = 4000, 3000


def filtered(kernel, delta=0):
    kernel = np.array(kernel)
    return lambda i: cv2.filter2D(i, -1, kernel, delta=delta)


def morphology(operation, k, shape=cv2.MORPH_RECT):
    element = cv2.getStructuringElement(shape, (k, k))
    return lambda i: cv2.morphologyEx(i, operation, element)


def sobel(image):
    dx, dy = (cv2.Sobel(image, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return cv2.convertScaleAbs(cv2.magnitude(dx.reshape(-1), dy.reshape(-1)))


def laplacian(image):
    return cv2.convertScaleAbs(cv2.Laplacian(image, cv2.CV_16S, ksize=3))


def unsharp(image):
    return cv2.addWeighted(image, 2, cv2.GaussianBlur(image, (0, 0), 2), -1, 0)


def turned(image):
    h, w = image.shape[:2]
    return cv2.warpAffine(image, cv2.getRotationMatrix2D((w // 2, h // 2), 30, 1), (w, h))


PEERS = {
    "blur-k3": lambda i: cv2.GaussianBlur(i, (3, 3), 0),
    "blur-k5": lambda i: cv2.GaussianBlur(i, (5, 5), 0),
    "blur-k15": lambda i: cv2.GaussianBlur(i, (15, 15), 0),
    "blur-10": lambda i: cv2.GaussianBlur(i, (0, 0), 10),
    "blur-100": lambda i: cv2.GaussianBlur(i, (0, 0), 100),
    "box": lambda i: cv2.blur(i, (5, 5)),
    "box-31": lambda i: cv2.blur(i, (31, 31)),
    "median-3": lambda i: cv2.medianBlur(i, 3),
    "median-5": lambda i: cv2.medianBlur(i, 5),
    "median-21": lambda i: cv2.medianBlur(i, 21),
    "bilateral": lambda i: cv2.bilateralFilter(i, 9, 75, 75),
    "sharpen": filtered([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "unsharp": unsharp,
    "edges": lambda i: cv2.Canny(i, 100, 200),
    "sobel": sobel,
    "laplacian": laplacian,
    "emboss": filtered([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]], 128),
    "open-5": morphology(cv2.MORPH_OPEN, 5),
    "open-31": morphology(cv2.MORPH_OPEN, 31),
    "open-255": morphology(cv2.MORPH_OPEN, 255),
    "open-15-ellipse": morphology(cv2.MORPH_OPEN, 15, cv2.MORPH_ELLIPSE),
    "gradient": morphology(cv2.MORPH_GRADIENT, 3),
    "tophat": morphology(cv2.MORPH_TOPHAT, 3),
    "rotate-30-left-keep": turned,
}


class Ours:
    """kernels.c, which answers each chain with a time."""

    def __init__(self, program, picture):
        self.process = subprocess.Popen(
            [program, picture], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ms(self, chain):
        self.process.stdin.write(f"{chain}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"kernels.py: {chain} failed")
        return float(answer)


def theirs(call, image):
    begin = time.process_time()
    call(image)
    return (time.process_time() - begin) * 1e3


def main():
    cv2.setNumThreads(1)
    chains = sys.argv[2:] or list(PEERS)
    image = photo(HEIGHT, WIDTH)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/picture.png"
        cv2.imwrite(path, image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        ours = Ours(sys.argv[1], path)
        print(f"{'CPU ms per 12 MP':<22}{'dropmill':>10}{'OpenCV':>10}{'ratio':>8}", flush=True)
        for chain in chains:
            pairs = []
            begin = time.monotonic()
            while len(pairs) < 2 or (len(pairs) < ROUNDS and time.monotonic() - begin < 6):
                pairs.append((ours.ms(chain), theirs(PEERS[chain], image)))
            mine, cv = map(min, zip(*pairs))
            print(f"{chain:<22}{mine:>10.1f}{cv:>10.1f}{mine / cv:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
