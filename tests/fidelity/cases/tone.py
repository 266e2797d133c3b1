# SPDX-License-Identifier: MIT
"""Tone: equalization, and what else OpenCV defines, on gray and on the Y of YCrCb."""
import cv2
import numpy as np

from bound import Bound


def on_luma(function):
    """A function of a gray picture, applied to the luma of a coloured one."""
    def run(image):
        if image.ndim == 2:
            return function(image)
        planes = list(cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)))
        planes[0] = function(planes[0])
        return cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2BGR)
    return run


def clahe(limit, tiles):
    return on_luma(lambda gray: cv2.createCLAHE(limit, (tiles, tiles)).apply(gray))


def table(function):
    entries = np.array([function(v) for v in range(256)], np.uint8)
    return lambda image: cv2.LUT(image, entries)


CLAHE = Bound(1, 0.0001)
CASES = [("equalize", on_luma(cv2.equalizeHist))]
CASES += [(f"clahe-{limit}-{tiles}", clahe(limit, tiles), CLAHE)
          for limit, tiles in ((2, 8), (0, 8), (40, 8), (1, 3), (3.5, 16), (2, 1), (100, 32))]
CASES += [("solarize-100", table(lambda v: v if v < 100 else 255 - v))]
CASES += [("posterize-2", table(lambda v: 255 * (v > 127)))]
