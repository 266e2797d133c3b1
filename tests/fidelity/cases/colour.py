# SPDX-License-Identifier: MIT
"""Colour: the definitions of sepia, tint, duotone, vignette, warm and cool in floating point.

OpenCV has none of these. What integers make of the same definition may be one level off where the
exact value lies near a half; a checkerboard has four colours, so that one of them is a large share."""
import cv2
import numpy as np

from bound import Bound

NEAR = Bound(1, 0.2)
NAVY, ORANGE, BEIGE = (0, 0, 128), (255, 165, 0), (245, 245, 220)  # RGB


def on_rgb(function):
    """A function of an RGB picture from 0 to 1; gray pictures become RGB."""
    def run(image):
        colour = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR) if image.ndim == 2 else image
        result = function(colour[:, :, ::-1] / 255.0)[:, :, ::-1]
        return np.clip(np.rint(result * 255), 0, 255).astype(np.uint8)
    return run


def sepia(percent):
    full = np.array([[.393, .769, .189], [.349, .686, .168], [.272, .534, .131]])
    matrix = full * percent / 100 + np.eye(3) * (1 - percent / 100)
    return on_rgb(lambda rgb: rgb @ matrix.T)


def luma(rgb):
    """As cv2 makes it, in whole levels."""
    bgr = np.ascontiguousarray(np.rint(rgb * 255).astype(np.uint8)[:, :, ::-1])
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)[:, :, None] / 255.0


def duotone(dark, light):
    dark, light = np.array(dark) / 255, np.array(light) / 255
    return on_rgb(lambda rgb: dark + (light - dark) * luma(rgb))


def clip_colour(rgb, y):
    """ClipColor of W3C Compositing and Blending Level 1, on many colours."""
    low, high = rgb.min(2, keepdims=True), rgb.max(2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        rgb = np.where(low < 0, y + (rgb - y) * y / (y - low), rgb)
        rgb = np.where(high > 1, y + (rgb - y) * (1 - y) / (high - y), rgb)
    return rgb


def tint(colour, percent):
    colour = np.array(colour) / 255
    own = colour @ (.299, .587, .114)

    def run(rgb):
        y = luma(rgb)
        aim = np.rint(clip_colour(colour + (y - own), y) * 255) / 255  # the table has whole levels
        return rgb + (aim - rgb) * percent / 100
    return on_rgb(run)


def vignette(percent):
    def run(image):
        h, w = image.shape[:2]
        y, x = np.mgrid[0:h, 0:w]
        corner = max((w - 1) ** 2 + (h - 1) ** 2, 1)
        t = ((2 * x - (w - 1)) ** 2 + (2 * y - (h - 1)) ** 2) / corner
        kept = 1 - percent / 100 * t * t * (3 - 2 * t)
        kept = np.dstack([kept] * 3 + [np.ones((h, w))])[:, :, :1 if image.ndim == 2 else image.shape[2]]
        return np.rint(image * kept.reshape(image.shape)).astype(image.dtype)
    return run


def decode(v):
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def encode(v):
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)


def daylight(kelvin):
    """CIE 15, as linear sRGB."""
    terms = (-4.6070e9, 2.9678e6, 99.11, 0.244063) if kelvin <= 7000 else (
        -2.0064e9, 1.9018e6, 247.48, 0.237040)
    x = np.polyval(terms, 1 / kelvin)
    y = -3 * x * x + 2.87 * x - 0.275
    to_rgb = np.array([[3.2409699, -1.5373832, -0.4986108], [-0.9692436, 1.8759675, 0.0415551],
                       [0.0556301, -0.2039770, 1.0569715]])
    return to_rgb @ (x / y, 1, (1 - x - y) / y)


def temperature(percent):
    gains = daylight(1e6 / (1e6 / 6504 + percent * 0.9)) / daylight(6504)
    gains /= gains @ (.212639, .715169, .072192)
    return on_rgb(lambda rgb: encode(gains * decode(rgb) / (1 + np.maximum(gains - 1, 0) * decode(rgb))))


CASES = [("sepia", sepia(100), NEAR), ("sepia-40", sepia(40), NEAR), ("sepia-0", sepia(0))]
CASES += [("duotone", duotone(NAVY, BEIGE), NEAR), ("duotone-navy-orange", duotone(NAVY, ORANGE), NEAR)]
CASES += [("duotone-black-white", on_rgb(lambda rgb: np.repeat(luma(rgb), 3, axis=2)))]
CASES += [("tint-orange", tint(ORANGE, 30), NEAR), ("tint-0000ff-100", tint((0, 0, 255), 100), NEAR)]
ALL = ("gray", "rgb", "rgba", "gray16", "rgb16")
CASES += [("vignette", vignette(30), Bound(1, 0.3), ALL), ("vignette-100", vignette(100), Bound(1, 0.3), ALL)]
CASES += [("vignette-0", lambda i: i), ("saturate-0", lambda i: i)]
CASES += [(f"warm-{p}", temperature(p), NEAR) for p in (0, 20, 100)]
CASES += [(f"cool-{p}", temperature(-p), NEAR) for p in (20, 100)]
CASES += [("gray_saturate-50", lambda i: i if i.ndim == 2 else cv2.cvtColor(i, cv2.COLOR_BGR2GRAY))]
