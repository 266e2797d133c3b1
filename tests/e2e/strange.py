#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Make the strange files of bad_input.t: good-* can be processed, bad-* cannot. strange.py DIR"""
import os
import sys
import zlib

import cv2
import numpy as np

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
import png  # noqa: E402
from photos import photo  # noqa: E402


def palette_png(width, height):
    """Four colours in turns."""
    rows = b"".join(b"\0" + bytes((x + y) % 4 for x in range(width)) for y in range(height))
    palette = png.chunk(b"PLTE", bytes([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]))
    return png.png((width, height), zlib.compress(rows), colour=png.PALETTE, extra=palette)


def main():
    folder = sys.argv[1].encode()
    os.makedirs(folder, exist_ok=True)

    def put(name, data):
        with open(os.path.join(folder, name if isinstance(name, bytes) else name.encode()), "wb") as f:
            f.write(data)

    def encode(extension, image, *options):
        return cv2.imencode(extension, image, list(options))[1].tobytes()

    image = photo(120, 80, 1)
    jpeg = encode(".jpg", image)
    lossless = encode(".png", image)
    put("good-plain.jpg", jpeg)
    put("good-progressive.jpg", encode(".jpg", image, cv2.IMWRITE_JPEG_PROGRESSIVE, 1))
    put("good-1x1.png", encode(".png", image[:1, :1]))
    put("good-20000x1.png", encode(".png", photo(20000, 2, 2)[:1]))
    put("good-16bit.png", encode(".png", image.astype(np.uint16) * 257))
    put("good-rgba.png", encode(".png", np.dstack([image, image[:, :, 0]])))
    put("good-gray.jpg", encode(".jpg", image[:, :, 0]))
    put("good-palette.png", palette_png(30, 20))
    put("good-wrong-name.png", jpeg)
    put("good no extension", jpeg)
    put("-good-leading-dash.jpg", jpeg)
    put("good blanks and 'quotes' \"2\".jpg", jpeg)
    put("good\nnewline.jpg", jpeg)
    put(b"good-\xff\xfe not UTF-8.jpg", jpeg)
    put("good-" + "x" * 246 + ".jpg", jpeg)
    put("good-" + "\u00e9" * 123 + ".jpg", jpeg)
    put("good-webp.webp", encode(".webp", image))
    put("good-tiff.tif", encode(".tif", image))
    put("bad-truncated.jpg", jpeg[: len(jpeg) // 2])
    put("bad-truncated.png", lossless[: len(lossless) // 2])
    put("bad-header-only.jpg", jpeg[:20])
    put("bad-text.jpg", b"this is not a picture\n" * 20)
    put("bad-svg.png", b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")
    put("bad-document.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n" * 9)
    put("bad-zeros.png", bytes(4096))
    put("bad-" + "y" * 247 + ".jpg", b"text")
    put(b"bad-\xe9.jpg", b"text")


if __name__ == "__main__":
    main()
