# SPDX-License-Identifier: MIT
"""Small valid files of every format and coding that the worker reads: what hostile.py spoils.

Made on the spot by libvips' tools and Pillow; nothing is fetched, nothing is kept.
"""
import os
import subprocess

import cv2
import numpy as np

WIDTH, HEIGHT = 40, 30

# name: arguments of `vips copy`, or the save options of a name
SAVES = {
    "base.jpg": "[Q=80]", "progressive.jpg": "[interlace]", "restart.jpg": "[restart-interval=2]",
    "full.jpg": "[subsample-mode=off]", "plain.png": "", "interlaced.png": "[interlace]",
    "palette.png": "[palette]", "bits.png": "[bitdepth=1]", "lossy.webp": "", "lossless.webp": "[lossless]",
    "plain.tif": "[compression=none]", "lzw.tif": "[compression=lzw]", "deflate.tif": "[compression=deflate]",
    "tiles.tif": "[tile,tile-width=16,tile-height=16]", "jpeg.tif": "[compression=jpeg]",
    "big.tif": "[bigtiff]", "still.gif": "", "photo.avif": "", "photo.heic": "",
}


def picture():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    base = np.dstack([x * 6, y * 8, (x * y) % 256]).astype(np.uint8)
    noise = np.random.default_rng(1).integers(0, 40, base.shape, dtype=np.uint8)
    return cv2.add(base, noise)


def run(*command):
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def add_specials(folder, source):
    """What needs more than a save option."""
    deep = cv2.imread(source).astype(np.uint16) * 257
    cv2.imwrite(f"{folder}/deep.png", deep)
    cv2.imwrite(f"{folder}/deep.tif", deep)
    cv2.imwrite(f"{folder}/gray.jpg", deep[:, :, 1] // 257)
    alpha = np.dstack([cv2.imread(source), np.full((HEIGHT, WIDTH), 99, np.uint8)])
    cv2.imwrite(f"{folder}/alpha.png", alpha)
    run("vips", "copy", f"{folder}/alpha.png", f"{folder}/alpha.webp")
    run("vips", "icc_transform", source, f"{folder}/cmyk.jpg[strip]", "cmyk", "--input-profile", "srgb")
    run("vips", "icc_transform", source, f"{folder}/profile.jpg[profile=srgb]", "srgb", "--input-profile", "srgb")
    run("vips", "arrayjoin", f"{source} {folder}/plain.png {source}", f"{folder}/roll.v", "--across", "1")
    for name in ("pages.gif", "pages.webp", "pages.tif"):
        run("vips", "copy", f"{folder}/roll.v", f"{folder}/{name}[page-height={HEIGHT}]")
    os.unlink(f"{folder}/roll.v")


def make(folder):
    """Fill @folder; returns the sorted names."""
    os.makedirs(folder, exist_ok=True)
    source = f"{folder}/source.png"
    cv2.imwrite(source, picture())
    for name, options in SAVES.items():
        if not run("vips", "copy", source, f"{folder}/{name}{options}") and os.path.exists(f"{folder}/{name}"):
            os.unlink(f"{folder}/{name}")
    add_specials(folder, source)
    os.unlink(source)
    return sorted(name for name in os.listdir(folder) if os.path.getsize(f"{folder}/{name}") > 0)
