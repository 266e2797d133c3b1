#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Previews of the page: how long a change of a slider takes, and how near they are to the truth.

page_preview.py --build BUILD [--photo FILE] [--changes N] [--only latency|fidelity]

A photo of 12 MP and its copy of 1,280 px, as a browser makes it (averaged, JPEG of 90), or a piece of it at its own
pixels. Latency: from the page's having the copy to its having the JPEG, by its own worker, warm, each time with another
value; CPU, of the worker and all that it starts, says the same on a machine that has other work, too. Cold: from nothing
to the first picture. Fidelity: the preview of the whole against the result (`dropmill process`), which is brought to the preview's size
by averaging: PSNR in dB over all samples; of geometry that moves things by parts of a pixel, less is no fault.
"""
import argparse
import glob
import os
import statistics
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
from photos import photo  # noqa: E402

WIDTH, HEIGHT, COPY = 4032, 3024, 1280
IDLE_S = 5
WALLPAPERS = "/usr/share/backgrounds/**/*.jpg"

SLIDERS = {
    "brighten-{}": range(1, 100),
    "resize-{}": range(400, 2400, 20),
    "blur-{}": range(1, 60),
    "clahe-{}": range(1, 60),
    "median-{}": range(3, 61, 2),
    "rotate-{}": range(1, 89),
    "resize-1600_saturate-{}_sharpen": range(1, 90),
}

TRUTHS = ["copy", "gray", "invert", "threshold", "threshold-100", "brighten-30", "darken-30", "contrast-30", "gamma-1.5",
          "enhance", "levels", "equalize", "clahe", "posterize-4", "solarize", "saturate-40", "desaturate-50", "warm",
          "cool", "sepia", "tint-orange", "duotone", "vignette", "blur", "blur-2.5", "blur-12", "blur-k31", "box-5",
          "box-31", "median-5", "median-21", "bilateral", "sharpen", "unsharp", "unsharp-12-150", "edges", "sobel",
          "laplacian", "emboss", "erode-5", "erode-31", "dilate-9", "open-15", "close-15", "gradient-9", "tophat-31",
          "blackhat-31", "pixelate-16", "pixelate-100", "resize-1600", "resize-400", "resize-50pct", "resize-x900",
          "enlarge-150pct", "fill-800x800", "fill-3000x1000-north", "stretch-2000x800", "square", "square-600",
          "crop-2000x1500", "crop-1001x777-123-457", "pad-100", "pad", "pad-5000x4000-navy", "rotate-90", "rotate-left",
          "rotate-7", "rotate-30-keep", "mirror", "flip", "jpeg-20", "resize-1600_sharpen", "resize-800_unsharp-2-100",
          "resize-1200_blur-3", "crop-3000x2000_resize-1000_gray", "rotate-90_resize-1600_pad-40"]


class Driver:
    """The page's pictures at the command line: tests/e2e/pictures_driver.c."""

    def __init__(self, build, folder):
        self.process = subprocess.Popen(
            [f"{build}/tests/e2e/pictures_driver", f"worker={build}/dropmill-worker", f"dir={folder}/state"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def say(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n").split("\t")

    def worker(self):
        """Its process; 0: it does not run."""
        return int(self.say("status")[1])

    def cpu_ms(self):
        """Of the worker, its children, and those that are gone."""
        pid, ticks = self.worker(), 0
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            family = [str(pid), *file.read().split()]
        for member in family:
            with open(f"/proc/{member}/stat", encoding="ascii") as file:
                ticks += sum(int(word) for word in file.read().rpartition(")")[2].split()[11:15])
        return ticks * 1e3 / os.sysconf("SC_CLK_TCK")

    def preview(self, mode, chain, given, out=None):
        """Microseconds, and the answer."""
        words = self.say("preview", "bench", mode, chain, f"{WIDTH}x{HEIGHT}", given, *([out] if out else []))
        if words[1] != "made":
            raise SystemExit(f"{chain}: {words}")
        return int(words[9]), words


def original():
    """A photo of 12 MP: of a wallpaper that is large enough, else painted."""
    for name in sorted(glob.glob(WALLPAPERS, recursive=True)):
        image = cv2.imread(name)
        if image is not None and image.shape[0] >= HEIGHT and image.shape[1] >= WIDTH:
            return image[:HEIGHT, :WIDTH], name
    return photo(WIDTH, HEIGHT, 1), "painted"


def make_inputs(folder, name):
    image = cv2.imread(name) if name else None
    image, source = (cv2.resize(image, (WIDTH, HEIGHT)), name) if image is not None else original()
    copy = cv2.resize(image, (COPY, round(COPY * HEIGHT / WIDTH)), interpolation=cv2.INTER_AREA)
    cv2.imwrite(f"{folder}/original.png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    cv2.imwrite(f"{folder}/copy.png", copy)
    cv2.imwrite(f"{folder}/copy.jpg", copy, [cv2.IMWRITE_JPEG_QUALITY, 90])
    cv2.imwrite(f"{folder}/piece.png", image[1200:1620, 1600:2240])
    print(f"the photo: {source}, {WIDTH} x {HEIGHT}")
    return image


def latency(driver, folder, changes):
    print(f"\n{'a change of':34} {'whole: median':>14} {'p99':>7} {'CPU':>7} {'detail: median':>15} {'p99':>7} {'CPU':>7}"
          f"   ms, of {changes}")
    whole_all = []
    for chain, values in SLIDERS.items():
        row = []
        for mode, given in (("whole", "copy.jpg"), ("detail", "piece.png")):
            before = driver.cpu_ms()
            times = sorted(driver.preview(mode, chain.format(values[i % len(values)]), f"{folder}/{given}")[0] / 1e3
                           for i in range(changes))
            row += [statistics.median(times), times[int(len(times) * .99)], (driver.cpu_ms() - before) / changes]
            whole_all += times if mode == "whole" else []
        print(f"{chain:34} {row[0]:14.1f} {row[1]:7.1f} {row[2]:7.1f} {row[3]:15.1f} {row[4]:7.1f} {row[5]:7.1f}", flush=True)
    whole_all.sort()
    print(f"all of them, whole: median {statistics.median(whole_all):.1f}, p99 {whole_all[int(len(whole_all) * .99)]:.1f} ms")


def psnr(a, b):
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return 99.0 if error == 0 else 10 * np.log10(255 ** 2 / error)


def process(build, folder, chain, name):
    """The result of chain, without loss."""
    out = f"{folder}/out"
    subprocess.run([f"{build}/dropmill", "--config", "/dev/null", "process", "--quiet", "--with", f"{chain}_png-0", "-o", out,
                    f"{folder}/{name}"], check=True, stdout=subprocess.DEVNULL)
    image = cv2.imread(f"{out}/{name}")
    os.remove(f"{out}/{name}")
    return image


def compare(seen, result):
    """PSNR of a preview and the result, brought to its size; nan: they have different shapes."""
    size = (seen.shape[1], seen.shape[0])
    shrinks = size[0] < result.shape[1] or size[1] < result.shape[0]
    truth = cv2.resize(result, size, interpolation=cv2.INTER_AREA) if shrinks else result
    return psnr(seen, truth) if truth.shape == seen.shape else float("nan")


def fidelity(driver, build, folder):
    print(f"\n{'whole':32} {'dB':>6} {'seen':>6} {'px':>6}  the worker was asked for; seen: through two JPEGs")
    figures = []
    for chain in TRUTHS:
        _, words = driver.preview("whole", chain, f"{folder}/copy.jpg", f"{folder}/seen.jpg")
        asked = driver.say("chain", "whole", f"{WIDTH}x{HEIGHT}", f"{COPY}x{round(COPY * HEIGHT / WIDTH)}", chain)[1]
        result = process(build, folder, chain, "original.png")
        plain = process(build, folder, asked.rpartition("_")[0] or "copy", "copy.png")
        seen = cv2.imread(f"{folder}/seen.jpg")
        foretold = words[3] == f"{result.shape[1]}x{result.shape[0]}"
        figures.append(compare(plain, result))
        print(f"{chain:32} {figures[-1]:6.1f} {compare(seen, result):6.1f} {seen.shape[1]:6}  {asked}"
              f"{'' if foretold else f'  said {words[3]}, is {result.shape}'}"
              f"{'  (rough)' if words[7] == 'rough' else ''}", flush=True)
    print(f"median {np.nanmedian(figures):.1f} dB, best {np.nanmax(figures):.1f}, worst {np.nanmin(figures):.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--photo")
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--only", choices=("latency", "fidelity"))
    arguments = parser.parse_args()
    build = os.path.abspath(arguments.build)
    with tempfile.TemporaryDirectory(prefix="dm-preview-") as folder:
        make_inputs(folder, arguments.photo)
        driver = Driver(build, folder)
        cold, _ = driver.preview("whole", "copy", f"{folder}/copy.jpg")
        idle = driver.cpu_ms()
        time.sleep(IDLE_S)
        print(f"cold: {cold / 1e3:.1f} ms; warm and idle: {driver.cpu_ms() - idle:.0f} ms of CPU in {IDLE_S} s")
        if arguments.only != "fidelity":
            latency(driver, folder, arguments.changes)
        if arguments.only != "latency":
            fidelity(driver, build, folder)
        driver.process.stdin.close()
        driver.process.wait()


main()
