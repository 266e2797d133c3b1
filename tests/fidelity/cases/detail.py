# SPDX-License-Identifier: MIT
"""Neighbourhood operations, as OpenCV calls; and the kinds of picture that core.py leaves out."""
import cv2
import numpy as np

import opencv
from bound import EQUAL, Bound
from opencv import box, filtered, gauss, gray, median, turn_keep, unsharp

ALL = ("gray", "rgb", "rgba", "gray16", "rgb16")  # operations that keep alpha
BLURS = ("gray", "rgb", "opaque", "gray16", "rgb16")  # those that weigh with it
EIGHT = ("gray", "rgb", "rgba")
MORE = ("rgba", "gray16", "rgb16")  # what core.py does not try
WIDE = ("gray16", "rgb16")


def keeping_alpha(call):
    """The call on the colours alone."""

    def run(image):
        if image.ndim == 2 or image.shape[2] == 3:
            return call(image)
        return np.dstack([call(np.ascontiguousarray(image[:, :, :3])), image[:, :, 3]])

    return run


def limited(values, like):
    return np.clip(np.rint(values), 0, np.iinfo(like.dtype).max).astype(like.dtype)


def sobel(image):
    """Also 16 bits, for which OpenCV has no such call."""
    dx = cv2.Sobel(image, cv2.CV_64F, 1, 0, ksize=3)
    dy = cv2.Sobel(image, cv2.CV_64F, 0, 1, ksize=3)
    return limited(np.hypot(dx, dy), image)


def laplacian(image):
    if image.dtype == np.uint8:
        return opencv.laplacian(image)
    return limited(np.abs(cv2.Laplacian(image, cv2.CV_64F, ksize=3)), image)


SHAPES = {"": cv2.MORPH_RECT, "-cross": cv2.MORPH_CROSS, "-ellipse": cv2.MORPH_ELLIPSE}
MORPHOLOGY = {
    "erode": cv2.MORPH_ERODE,
    "dilate": cv2.MORPH_DILATE,
    "open": cv2.MORPH_OPEN,
    "close": cv2.MORPH_CLOSE,
    "gradient": cv2.MORPH_GRADIENT,
    "tophat": cv2.MORPH_TOPHAT,
    "blackhat": cv2.MORPH_BLACKHAT,
}


def every_morphology():
    for name, operation in MORPHOLOGY.items():
        for word, shape in SHAPES.items():
            for k in (1, 2, 3, 5, 8, 15, 64, 65, 130) if not word else (3, 4, 9, 20):
                call = keeping_alpha(opencv.morphology(operation, k, shape))
                yield f"{name}-{k}{word}", call, EQUAL, ALL


# OpenCV's last columns are rounded in double, the others in float.
ROUNDING = Bound(1, 0.002)
SIDES = (1, 2, 3, 4, 5, 6, 15, 16, 17, 31, 64, 255)

CASES = [(f"box-{k}", box(k), EQUAL, BLURS[:3]) for k in SIDES]
CASES += [(f"box-{k}", box(k), ROUNDING, WIDE) for k in SIDES]
CASES += [
    (f"bilateral-{d}-{c}-{s}", keeping_alpha(opencv.bilateral(d, c, s)), Bound(1, 0.02), ("gray", "rgb", "opaque"))
    for d, c, s in ((3, 10, 10), (5, 20, 2), (9, 75, 75), (9, 1, 1), (15, 200, 5), (31, 40, 10))
]
CASES += [
    (f"unsharp-{s}-{a}", keeping_alpha(unsharp(s, a)), EQUAL, BLURS)
    for s, a in ((0.5, 50), (1, 10), (1, 30), (2, 100), (3, 133), (5, 500), (20, 33.3))
]
CASES += [("sobel", keeping_alpha(sobel), EQUAL, ALL), ("gray_sobel", opencv.chain(gray, opencv.sobel))]
CASES += [("laplacian", keeping_alpha(laplacian), EQUAL, ALL)]
CASES += [("emboss", keeping_alpha(filtered(opencv.EMBOSS, 128)), EQUAL, ALL)]
CASES += list(every_morphology())
CASES += [("sharpen-soft", keeping_alpha(filtered(opencv.SOFT)), EQUAL, MORE)]
CASES += [("sharpen-strong", keeping_alpha(filtered(opencv.STRONG)), EQUAL, MORE)]
CASES += [(f"median-{k}", keeping_alpha(median(k)), EQUAL, MORE) for k in (3, 5)]
CASES += [(f"median-{k}", keeping_alpha(median(k)), EQUAL, ("rgba",)) for k in (7, 21)]
CASES += [(f"blur-k{k}", gauss(k), EQUAL, BLURS[2:]) for k in (3, 5, 15, 63)]
CASES += [("blur-40", gauss(0, 40), EQUAL, BLURS[2:])]
CASES += [("invert", keeping_alpha(cv2.bitwise_not), EQUAL, MORE)]

CASES += [("gray", gray, EQUAL, WIDE)]
# OpenCV rounds 16 bits half to even, from float: one of the 27 samples of the smallest picture.
CASES += [("rotate-30-left-keep", turn_keep(30), Bound(1, 0.04), WIDE)]
