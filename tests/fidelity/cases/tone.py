# SPDX-License-Identifier: MIT
"""Tone: equalization, and what else OpenCV defines, on gray and on the Y of YCrCb."""
import cv2
import numpy as np

from bound import EQUAL, Bound
from opencv import clahe, on_luma


def table(function):
    entries = np.array([function(v) for v in range(256)], np.uint8)
    return lambda image: cv2.LUT(image, entries)


def rounded(function):
    """A table that rounds halves to even and keeps within the range."""
    return table(lambda v: min(max(int(np.rint(function(v))), 0), 255))


def contrast(percent):
    return rounded(lambda v: 127.5 + (v - 127.5) * (1 + percent / 100))


def gamma(g):
    return rounded(lambda v: 255 * (v / 255) ** (1 / g))


def levels(percent):
    """More than `percent` of all samples are at black or below, and as many at white or above."""
    def run(image):
        samples = np.sort(image, axis=None).astype(int)
        spare = int(percent / 100 * samples.size)
        black, white = samples[spare], samples[-1 - spare]
        if black >= white:
            return image
        return rounded(lambda v: (v - black) * 255 / (white - black))(image)
    return run


ALL = ("gray", "rgb", "rgba", "gray16", "rgb16")
CLAHE = Bound(1, 0.0001)
CASES = [("equalize", on_luma(cv2.equalizeHist), EQUAL, ("gray", "rgb", "rgba"))]
CASES += [(f"clahe-{limit}-{tiles}", clahe(limit, tiles), CLAHE, ("gray", "rgb", "rgba"))
          for limit, tiles in ((2, 8), (0, 8), (40, 8), (1, 3), (3.5, 16), (2, 1), (100, 32))]
CASES += [("solarize-100", table(lambda v: v if v < 100 else 255 - v))]
CASES += [("posterize-2", table(lambda v: 255 * (v > 127)))]
CASES += [(f"contrast-{p}", contrast(p)) for p in (0, 20, 33.3, 100)]
CASES += [(f"contrast-less-{p}", contrast(-p)) for p in (20, 100)]
CASES += [(f"gamma-{g}", gamma(g)) for g in (0.1, 0.7, 1, 1.4, 2.2, 10)]
CASES += [("levels", levels(0.5))] + [(f"levels-{p}", levels(p)) for p in (0, 1, 7.5, 20)]
