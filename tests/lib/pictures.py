# SPDX-License-Identifier: MIT
"""Pictures to compare on, in OpenCV's order (BGR). A new one is a row in PICTURES."""
import cv2
import numpy as np

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
    "odd-height": photo(211, 320),
    "two-rows": noise(2, 64),
    "three": noise(3, 3),
    "pixel": noise(1, 1),
}


# ---- kinds: what one of these pictures is made into


def gray(image):
    return np.ascontiguousarray(image[:, :, 1])


def wide(image):
    """16 bits, the lower 8 of them noise."""
    low = np.random.default_rng(image.size).integers(0, 256, image.shape)
    return (image.astype(np.uint16) << 8) + low.astype(np.uint16)


def with_alpha(image):
    """Opaque, transparent, and what lies between."""
    h, w = image.shape[:2]
    y, x = np.mgrid[0:h, 0:w]
    alpha = np.clip(300 * np.sin(x / 11) * np.cos(y / 13) + 128, 0, 255).astype(np.uint8)
    return np.dstack([image, alpha])


def opaque(image):
    return np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])


KINDS = {
    "rgb": lambda image: image,
    "gray": gray,
    "rgba": with_alpha,
    "opaque": opaque,  # RGBA, nowhere transparent
    "rgb16": wide,
    "gray16": lambda image: wide(gray(image)),
}


# ---- photos: Debian's wallpapers, those that are installed

WALLPAPERS = {
    "mate-flower": "/usr/share/backgrounds/mate/nature/FreshFlower.jpg",
    "mate-garden": "/usr/share/backgrounds/mate/nature/Garden.jpg",
    "mate-wood": "/usr/share/backgrounds/mate/nature/Wood.jpg",
    "mate-dune": "/usr/share/backgrounds/mate/nature/Dune.jpg",
    "mate-storm": "/usr/share/backgrounds/mate/nature/Storm.jpg",
}


def photos():
    """About 1 MP of each."""
    found = {}
    for name, path in WALLPAPERS.items():
        image = cv2.imread(path)
        if image is not None:
            scale = min(1, (1e6 / (image.shape[0] * image.shape[1])) ** 0.5)
            found[name] = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return found
