# SPDX-License-Identifier: MIT
"""The operations of the main job, as OpenCV calls."""
import cv2

from opencv import (STRONG, SOFT, canny, chain, enhance, filtered, gauss, gray, median, opening, scale,
                    turn, turn_keep)


def threshold(t):
    return lambda image: cv2.threshold(gray(image), t, 255, cv2.THRESH_BINARY)[1]


def otsu(image):
    return cv2.threshold(gray(image), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]


CASES = [("copy", lambda i: i), ("gray", gray), ("invert", cv2.bitwise_not)]
CASES += [("brighten", scale(1.2)), ("darken", scale(0.8))]
CASES += [(f"brighten-{p}", scale(1 + p / 100)) for p in (1, 7, 12.5, 33, 50, 99, 150, 400)]
CASES += [(f"darken-{p}", scale(1 - p / 100)) for p in (1, 7, 12.5, 33, 50, 99, 100)]
CASES += [("enhance", enhance)]
CASES += [(f"threshold-{t}", threshold(t)) for t in (0, 1, 128, 254, 255)]
CASES += [("threshold-otsu", otsu)]
CASES += [(f"blur-k{k}", gauss(k)) for k in (1, 3, 5, 7, 9, 11, 15, 31, 63, 255)]
CASES += [(f"blur-{s}", gauss(0, s)) for s in (0.1, 0.5, 1, 2.5, 3.3, 10, 40, 100)]
CASES += [(f"median-{k}", median(k)) for k in (3, 5, 7, 9, 21, 63, 255)]
CASES += [("sharpen-soft", filtered(SOFT)), ("sharpen-strong", filtered(STRONG))]
CASES += [("edges", canny(100, 200)), ("edges-20-60", canny(20, 60)), ("edges-0-0", canny(0, 0))]
CASES += [("gray_edges", chain(gray, canny(100, 200)))]
CASES += [(f"gray_open-{k}", chain(gray, opening(k))) for k in (3, 15)]
CASES += [(f"open-{k}", opening(k)) for k in (1, 2, 4, 5, 31, 255)]
CASES += [(f"open-{k}-cross", opening(k, cv2.MORPH_CROSS)) for k in (3, 6, 15)]
CASES += [(f"open-{k}-ellipse", opening(k, cv2.MORPH_ELLIPSE)) for k in (3, 4, 5, 9, 15, 40)]
CASES += [("rotate-90", turn(cv2.ROTATE_90_CLOCKWISE)), ("rotate-180", turn(cv2.ROTATE_180))]
CASES += [("rotate-270", turn(cv2.ROTATE_90_COUNTERCLOCKWISE))]
CASES += [("rotate-around", turn(cv2.ROTATE_180))]
CASES += [("rotate-left", turn(cv2.ROTATE_90_COUNTERCLOCKWISE)), ("rotate-360", lambda i: i)]
CASES += [(f"rotate-{a}-left-keep", turn_keep(a)) for a in (1, 30, 45, 133.7, 359)]
CASES += [(f"rotate-{a}-keep", turn_keep(-a)) for a in (30, 90)]
CASES += [("mirror", lambda i: cv2.flip(i, 1)), ("flip", lambda i: cv2.flip(i, 0))]
CASES += [("median-3_sharpen", chain(median(3), filtered(SOFT)))]
CASES += [("blur-k5_invert_edges", chain(gauss(5), cv2.bitwise_not, canny(100, 200)))]
