# SPDX-License-Identifier: MIT
"""The oracles: operations in OpenCV's words, each a function of a picture (BGR or gray).

What takes parameters makes such a function. Alpha is not looked at; 8 bits if nothing is said.
"""
import cv2
import numpy as np

SOFT = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
STRONG = [[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]]
EMBOSS = [[-1, -1, 0], [-1, 0, 1], [0, 1, 1]]


def gray(image):
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image


def on_luma(function):
    """A function of a gray picture, applied to the luma of a coloured one; alpha is kept."""
    def run(image):
        if image.ndim == 2:
            return function(image)
        if image.shape[2] == 4:
            return np.dstack([run(np.ascontiguousarray(image[:, :, :3])), image[:, :, 3]])
        planes = list(cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)))
        planes[0] = function(planes[0])
        return cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2BGR)
    return run


def clahe(limit, tiles):
    return on_luma(lambda luma: cv2.createCLAHE(limit, (tiles, tiles)).apply(luma))


def scale(alpha):
    return lambda image: cv2.convertScaleAbs(image, alpha=alpha)


def enhance(image):
    low, high = int(image.min()), int(image.max())
    if low == high:
        return image
    return cv2.convertScaleAbs(image, alpha=255 / (high - low), beta=-255 * low / (high - low))


def gauss(k, sigma=0):
    """@k 0: as wide as @sigma wants it."""
    return lambda image: cv2.GaussianBlur(image, (k, k), sigma)


def box(k):
    return lambda image: cv2.blur(image, (k, k))


def median(k):
    return lambda image: cv2.medianBlur(image, k)


def bilateral(d, colour, space):
    return lambda image: cv2.bilateralFilter(image, d, colour, space)


def filtered(kernel, delta=0):
    """8 and 16 bits; @delta is said in levels of 8."""
    kernel = np.array(kernel)

    def run(image):
        return cv2.filter2D(image, -1, kernel, delta=delta * (257 if image.dtype == np.uint16 else 1))
    return run


def unsharp(sigma, percent):
    def run(image):
        blurred = cv2.GaussianBlur(image, (0, 0), sigma)
        return cv2.addWeighted(image, 1 + percent / 100, blurred, -percent / 100, 0)
    return run


def canny(low, high):
    return lambda image: cv2.Canny(image, low, high)


def sobel(image):
    """The length of the gradient."""
    dx, dy = (cv2.Sobel(image, cv2.CV_32F, *order, ksize=3) for order in ((1, 0), (0, 1)))
    magnitude = cv2.magnitude(dx.reshape(1, -1), dy.reshape(1, -1))
    return cv2.convertScaleAbs(magnitude).reshape(image.shape)


def laplacian(image):
    return cv2.convertScaleAbs(cv2.Laplacian(image, cv2.CV_16S, ksize=3))


def morphology(operation, k, shape=cv2.MORPH_RECT):
    element = cv2.getStructuringElement(shape, (k, k))
    return lambda image: cv2.morphologyEx(image, operation, element)


def opening(k, shape=cv2.MORPH_RECT):
    return morphology(cv2.MORPH_OPEN, k, shape)


def turn(code):
    return lambda image: cv2.rotate(image, code)


def turn_keep(degrees):
    """Counterclockwise about a whole pixel, as the desktop GUI did; the picture keeps its size."""
    def run(image):
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width // 2, height // 2), degrees, 1)
        return cv2.warpAffine(image, matrix, (width, height))
    return run


def chain(*steps):
    """One after the other."""
    def run(image):
        for step in steps:
            image = step(image)
        return image
    return run
