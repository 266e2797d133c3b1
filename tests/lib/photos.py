#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Make photo-like images: soft shapes, fine grain, hard edges; the same for the same seed.

photos.py DIR COUNT WIDTH HEIGHT EXT [SEED]   makes DIR/photo-000.EXT ...
"""
import os
import sys

import cv2
import numpy as np


def photo(width, height, seed):
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (max(2, height // 40), max(2, width // 40), 3), dtype=np.uint8)
    image = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        cv2.circle(image, centre, int(rng.integers(4, max(5, width // 6))), colour, -1, cv2.LINE_AA)
    grain = rng.normal(0, 6, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def main():
    folder, count, width, height, extension = sys.argv[1:6]
    seed = int(sys.argv[6]) if len(sys.argv) > 6 else 0
    os.makedirs(folder, exist_ok=True)
    for i in range(int(count)):
        image = photo(int(width), int(height), seed + i)
        cv2.imwrite(os.path.join(folder, f"photo-{i:03d}.{extension}"), image)


if __name__ == "__main__":
    main()
