#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Mixed files on 8 threads for as long as you like: memory stays below the bar, and flat.

usage: soak.py DRIVER DIR [FILES]      prints TAP, and what the process took every so many files

The budget of the tasks is BUDGET_MB: the estimates and the admission by them are what is tried.
"""
import os
import random
import statistics
import subprocess
import sys

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
import cv2  # noqa: E402
from photos import photo  # noqa: E402
from tap import Tap  # noqa: E402

THREADS, BUDGET_MB, BAR_MB = 8, 150, 250
FLAT = 1.3  # the median of the last half against that of the first: what is in flight varies
KINDS = (("large.jpg", 4000, 3000, ""), ("middle.jpg", 2400, 1600, ""), ("small.jpg", 1200, 900, ""),
         ("progressive.jpg", 1600, 1200, "[interlace]"), ("shot.png", 1600, 1000, ""), ("web.webp", 1200, 800, ""),
         ("scan.tif", 1500, 1000, "[compression=lzw]"), ("tiny.gif", 300, 200, ""))
CHAINS = ("copy", "resize-1600", "resize-400", "rotate-90_resize-800", "gray_jpeg-80", "blur-2", "median-3_sharpen",
          "fill-600x400-smart", "enhance", "clahe", "edges", "rotate-12", "resize-800_webp", "png", "sepia_vignette",
          "threshold")


def make(folder):
    os.makedirs(folder, exist_ok=True)
    for seed, (name, width, height, options) in enumerate(KINDS):
        cv2.imwrite(f"{folder}/source.png", photo(width, height, seed), (cv2.IMWRITE_PNG_COMPRESSION, 1))
        subprocess.run(["vips", "copy", f"{folder}/source.png", f"{folder}/{name}{options}"], check=True)
    os.unlink(f"{folder}/source.png")


def main():
    driver, folder = sys.argv[1:3]
    files = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
    make(f"{folder}/in")
    os.makedirs(f"{folder}/out", exist_ok=True)
    rng = random.Random(1)
    lines = "".join(f"{rng.choice(CHAINS)}\t{rng.choice(KINDS)[0]}\n" for _ in range(files))
    every = max(files // 20, 10)
    out = subprocess.run([driver, str(THREADS), str(BUDGET_MB), f"{folder}/in", f"{folder}/out", str(every)],
                         input=lines, text=True, check=True, stdout=subprocess.PIPE).stdout
    rows = [line.split("\t") for line in out.splitlines()]
    rss = [int(row[2]) for row in rows if row[0] == "rss"]
    peak = next(int(row[1]) for row in rows if row[0] == "peak")
    bad = [row for row in rows if row[0].isdigit() and row[1] != "done"]
    half = len(rss) // 2
    early, late = statistics.median(rss[:half]), statistics.median(rss[half:])
    levels = f"{early:.0f} MB in the first half, {late:.0f} MB in the second (medians)"
    print(f"# resident MB every {every} files: {' '.join(map(str, rss))}")
    tap = Tap()
    tap.test(f"{files} files on {THREADS} threads are done", not bad, bad[:5])
    tap.test(f"the peak is below {BAR_MB} MB: {peak} MB", peak < BAR_MB)
    tap.test(f"and flat: {levels}", late <= early * FLAT)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
