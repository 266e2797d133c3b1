#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A peer for bench.py: OpenCV under multiprocessing, one single-threaded process a core, all warm.

peer_opencv.py PROCESSES copy|median-3|resize-1600 OUTDIR FILE...    prints wall and CPU seconds
"""
import functools
import multiprocessing
import os
import sys
import time

import cv2

WIDTH = 1600


def copy(image):
    return image


def median(image):
    return cv2.medianBlur(image, 3)


def resize(image):
    """As OpenCV's own documentation advises: AREA to make it smaller, else CUBIC."""
    height, width = image.shape[:2]
    size = (WIDTH, round(height * WIDTH / width))
    kernel = cv2.INTER_AREA if WIDTH < width else cv2.INTER_CUBIC
    return cv2.resize(image, size, interpolation=kernel)


OPERATIONS = {"copy": copy, "median-3": median, "resize-1600": resize}


def wait(_):
    """Keep one process of the pool busy, so that each gets one of these and is up."""
    time.sleep(0.1)


def process(operation, outdir, path):
    """CPU seconds that one file took."""
    begin = time.process_time()
    image = OPERATIONS[operation](cv2.imread(path, cv2.IMREAD_COLOR))
    out = os.path.join(outdir, os.path.basename(path))
    if not cv2.imwrite(out, image, (cv2.IMWRITE_JPEG_QUALITY, 85)):
        raise OSError(f"{out}: not written")
    return time.process_time() - begin


def main():
    processes, operation, outdir, files = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
    with multiprocessing.Pool(processes, cv2.setNumThreads, (1,)) as pool:
        pool.map(wait, range(processes), chunksize=1)
        work = functools.partial(process, operation, outdir)
        begin = time.monotonic()
        cpu = sum(pool.imap_unordered(work, files))
        print(f"{time.monotonic() - begin:.6f} {cpu:.6f}")


if __name__ == "__main__":
    main()
