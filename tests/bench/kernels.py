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

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
import opencv  # noqa: E402
from pictures import photo  # noqa: E402

ROUNDS = 5
WIDTH, HEIGHT = 4000, 3000


PEERS = {
    "blur-k3": opencv.gauss(3),
    "blur-k5": opencv.gauss(5),
    "blur-k15": opencv.gauss(15),
    "blur-10": opencv.gauss(0, 10),
    "blur-100": opencv.gauss(0, 100),
    "box": opencv.box(5),
    "box-31": opencv.box(31),
    "median-3": opencv.median(3),
    "median-5": opencv.median(5),
    "median-21": opencv.median(21),
    "bilateral": opencv.bilateral(9, 75, 75),
    "sharpen": opencv.filtered(opencv.SOFT),
    "unsharp": opencv.unsharp(2, 100),
    "edges": opencv.canny(100, 200),
    "sobel": opencv.sobel,
    "laplacian": opencv.laplacian,
    "emboss": opencv.filtered(opencv.EMBOSS, 128),
    "open-5": opencv.opening(5),
    "open-31": opencv.opening(31),
    "open-255": opencv.opening(255),
    "open-15-ellipse": opencv.opening(15, cv2.MORPH_ELLIPSE),
    "gradient": opencv.morphology(cv2.MORPH_GRADIENT, 3),
    "tophat": opencv.morphology(cv2.MORPH_TOPHAT, 3),
    "rotate-30-left-keep": opencv.turn_keep(30),
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
