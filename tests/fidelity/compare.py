#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compare every operation that is defined by OpenCV with OpenCV, pixel by pixel.

usage: compare.py APPLY        APPLY is tests/fidelity/apply.c, built (see its first lines)

Pictures: photo-like, noise, checkerboard, flat, odd sizes, one row, one column, one pixel; gray
and RGB.
Prints one line per operation and ends with 1 when any pixel differs by more than its bound.
"""

import os
import subprocess
import sys
import tempfile

import cv2
import numpy as np

cv2.setNumThreads(1)


# ---- pictures (OpenCV order: BGR)


def photo(h, w):
    """Smooth gradients, soft blobs, hard edges and a little noise."""
    rng = np.random.default_rng(h * 10007 + w)
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    planes = []
    for c in range(3):
        p = 110 + 80 * np.sin(x / (17 + 5 * c)) * np.cos(y / (23 - 4 * c)) + x * 40 / w
        for _ in range(6):
            cy, cx, r = rng.uniform(0, h), rng.uniform(0, w), rng.uniform(3, max(h, w) / 4 + 4)
            p = np.where((x - cx) ** 2 + (y - cy) ** 2 < r * r, p * 0.4 + rng.uniform(0, 150), p)
        planes.append(p + rng.normal(0, 3, (h, w)))
    return np.clip(np.dstack(planes), 0, 255).astype(np.uint8)


def noise(h, w):
    return np.random.default_rng(h * 31 + w).integers(0, 256, (h, w, 3), dtype=np.uint8)


def checkerboard(h, w):
    y, x = np.mgrid[0:h, 0:w]
    board = (((x // 7 + y // 5) % 2) * 255).astype(np.uint8)
    return np.dstack([board, 255 - board, board])


def flat(h, w):
    return np.full((h, w, 3), (30, 140, 250), np.uint8)


def salt(h, w):
    image = photo(h, w)
    rng = np.random.default_rng(5)
    image[rng.random((h, w)) < 0.05] = 255
    image[rng.random((h, w)) < 0.05] = 0
    return image


def low_contrast(h, w):
    return (photo(h, w) // 3 + 60).astype(np.uint8)


PICTURES = {
    "photo": photo(300, 421),
    "tall": photo(1500, 67),
    "noise": noise(131, 257),
    "checkerboard": checkerboard(90, 111),
    "flat": flat(70, 75),
    "salt": salt(200, 203),
    "low-contrast": low_contrast(99, 101),
    "row": noise(1, 97),
    "column": noise(89, 1),
    "two-rows": noise(2, 64),
    "three": noise(3, 3),
    "pixel": noise(1, 1),
}


# ---- definitions


def gray(image):
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image


def scale(alpha):
    return lambda image: cv2.convertScaleAbs(image, alpha=alpha)


def enhance(image):
    low, high = int(image.min()), int(image.max())
    if low == high:
        return image
    return cv2.convertScaleAbs(image, alpha=255 / (high - low), beta=-255 * low / (high - low))


def blur_kernel(k):
    return lambda image: cv2.GaussianBlur(image, (k, k), 0)


def blur_sigma(sigma):
    return lambda image: cv2.GaussianBlur(image, (0, 0), sigma)


def median(k):
    return lambda image: cv2.medianBlur(image, k)


def sharpen(kernel):
    return lambda image: cv2.filter2D(image, -1, np.array(kernel))


SOFT = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
STRONG = [[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]]


def opening(k, shape=cv2.MORPH_RECT):
    element = cv2.getStructuringElement(shape, (k, k))
    return lambda image: cv2.morphologyEx(image, cv2.MORPH_OPEN, element)


def gray_opening(k):
    return lambda image: opening(k)(gray(image))


def threshold(t):
    return lambda image: cv2.threshold(gray(image), t, 255, cv2.THRESH_BINARY)[1]


def otsu(image):
    return cv2.threshold(gray(image), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]


def canny(low, high):
    return lambda image: cv2.Canny(image, low, high)


def turn(code):
    return lambda image: cv2.rotate(image, code)


def turn_keep(degrees):
    def run(image):
        h, w = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((w / 2, h / 2), degrees, 1)
        return cv2.warpAffine(image, matrix, (w, h))

    return run


CASES = [("copy", lambda i: i), ("gray", gray), ("invert", cv2.bitwise_not)]
CASES += [("brighten", scale(1.2)), ("darken", scale(0.8))]
CASES += [(f"brighten-{p}", scale(1 + p / 100)) for p in (1, 7, 12.5, 33, 50, 99, 150, 400)]
CASES += [(f"darken-{p}", scale(1 - p / 100)) for p in (1, 7, 12.5, 33, 50, 99, 100)]
CASES += [("enhance", enhance)]
CASES += [(f"threshold-{t}", threshold(t)) for t in (0, 1, 128, 254, 255)]
CASES += [("threshold-otsu", otsu)]
CASES += [(f"blur-k{k}", blur_kernel(k)) for k in (1, 3, 5, 7, 9, 11, 15, 31, 63, 255)]
CASES += [(f"blur-{s}", blur_sigma(s)) for s in (0.1, 0.5, 1, 2.5, 3.3, 10, 40, 100)]
CASES += [(f"median-{k}", median(k)) for k in (3, 5, 7, 9, 21, 63, 255)]
CASES += [("sharpen-soft", sharpen(SOFT)), ("sharpen-strong", sharpen(STRONG))]
CASES += [("edges", canny(100, 200)), ("edges-20-60", canny(20, 60)), ("edges-0-0", canny(0, 0))]
CASES += [("gray_edges", lambda i: canny(100, 200)(gray(i)))]
CASES += [(f"gray_open-{k}", gray_opening(k)) for k in (3, 15)]
CASES += [(f"open-{k}", opening(k)) for k in (1, 2, 4, 5, 31, 255)]
CASES += [(f"open-{k}-cross", opening(k, cv2.MORPH_CROSS)) for k in (3, 6, 15)]
CASES += [(f"open-{k}-ellipse", opening(k, cv2.MORPH_ELLIPSE)) for k in (3, 4, 5, 9, 15, 40)]
CASES += [("rotate-90", turn(cv2.ROTATE_90_CLOCKWISE)), ("rotate-180", turn(cv2.ROTATE_180))]
CASES += [("rotate-270", turn(cv2.ROTATE_90_COUNTERCLOCKWISE))]
CASES += [("rotate-around", turn(cv2.ROTATE_180))]
CASES += [("rotate-left", turn(cv2.ROTATE_90_COUNTERCLOCKWISE)), ("rotate-360", lambda i: i)]
CASES += [(f"rotate-{a}-left-keep", turn_keep(a)) for a in (1, 30, 45, 133.7, 359)]
CASES += [("rotate-30-keep", turn_keep(-30))]
CASES += [("mirror", lambda i: cv2.flip(i, 1)), ("flip", lambda i: cv2.flip(i, 0))]
CASES += [("median-3_sharpen", lambda i: sharpen(SOFT)(median(3)(i)))]
CASES += [("blur-k5_invert_edges", lambda i: canny(100, 200)(cv2.bitwise_not(blur_kernel(5)(i))))]

BOUND = 0  # levels


# ---- comparing


def read_raw(path):
    """What apply.c wrote, in OpenCV's order."""
    with open(path, "rb") as file:
        width, height, bands, size = map(int, file.readline().split())
        samples = np.frombuffer(file.read(), np.uint16 if size == 2 else np.uint8)
    image = samples.reshape(height, width, bands)
    return image[:, :, 0] if bands == 1 else image[:, :, ::-1]


def all_runs(folder):
    for name, colour in PICTURES.items():
        for image, kind in ((colour, "rgb"), (np.ascontiguousarray(colour[:, :, 1]), "gray")):
            source = os.path.join(folder, f"{name}-{kind}.png")
            cv2.imwrite(source, image)
            for number, (chain, oracle) in enumerate(CASES):
                yield chain, oracle, image, f"{name}-{kind}", source, f"{source}.{number}.raw"


def difference(ours, theirs):
    """Largest difference and the share of samples that differ."""
    if ours.shape != theirs.shape:
        return 256, 1.0
    off = np.abs(ours.astype(int) - theirs.astype(int))
    return int(off.max()), float((off > 0).mean())


def main():
    with tempfile.TemporaryDirectory() as folder:
        runs = list(all_runs(folder))
        lines = "".join(f"{chain}\t{source}\t{out}\n" for chain, _, _, _, source, out in runs)
        subprocess.run([sys.argv[1]], input=lines.encode(), check=True)
        table = {chain: [0, 0, 0.0, ""] for chain, _ in CASES}
        for chain, oracle, image, name, _, out in runs:
            worst, share = difference(read_raw(out), oracle(image))
            row = table[chain]
            row[0] += 1
            if (worst, share) > (row[1], row[2]):
                row[1:] = [worst, share, name]
    print(f"{'operation':<24}{'cases':>6}{'max diff':>10}{'differing':>11}")
    for chain, (count, worst, share, name) in table.items():
        print(f"{chain:<24}{count:>6}{worst:>10}{share:>10.4%} {name}")
    breaches = [chain for chain, row in table.items() if row[1] > BOUND]
    print("all equal" if not breaches else f"DIFFERENT: {' '.join(breaches)}")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
