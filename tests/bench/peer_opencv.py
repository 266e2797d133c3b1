#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A peer for the benchmarks: OpenCV under multiprocessing, a single-threaded process a core, warm.

peer_opencv.py PROCESSES OPERATION OUTDIR FILE...    prints wall and CPU seconds and peak MB
"""
import collections
import functools
import multiprocessing
import os
import resource
import sys
import time

import cv2

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
import opencv  # noqa: E402


def resize(image, target):
    """As OpenCV's own documentation advises: AREA to make it smaller, else CUBIC."""
    height, width = image.shape[:2]
    size = (target, round(height * target / width))
    kernel = cv2.INTER_AREA if target < width else cv2.INTER_CUBIC
    return cv2.resize(image, size, interpolation=kernel)


OPERATIONS = {
    "copy": lambda image: image,
    "invert": cv2.bitwise_not,
    "brighten": opencv.scale(1.2),
    "blur-k5": opencv.gauss(5),
    "median-3": opencv.median(3),
    "sharpen": opencv.filtered(opencv.SOFT),
    "open-5": opencv.opening(5),
    "edges-100-200": opencv.canny(100, 200),
    "rotate-30-keep": opencv.turn_keep(-30),
    "clahe": opencv.clahe(2, 8),
    "resize-1600": lambda image: resize(image, 1600),
    "resize-400": lambda image: resize(image, 400),
}


def flags_for(operation, path):
    """For a thumbnail the decoder may make a half, a quarter or an eighth of the picture."""
    if operation != "resize-400":
        return cv2.IMREAD_COLOR
    width = cv2.imread(path).shape[1]
    return next((flags for factor, flags in ((8, cv2.IMREAD_REDUCED_COLOR_8),
                                             (4, cv2.IMREAD_REDUCED_COLOR_4),
                                             (2, cv2.IMREAD_REDUCED_COLOR_2))
                 if width / factor >= 400), cv2.IMREAD_COLOR)


def wait(_):
    """Keep one process of the pool busy, so that each gets one of these and is up."""
    time.sleep(0.1)


def process(operation, flags, outdir, path):
    """CPU seconds that one file took, in which process, and what that has held at most, in kB."""
    begin = time.process_time()
    image = OPERATIONS[operation](cv2.imread(path, flags))
    out = os.path.join(outdir, os.path.basename(path))
    if not cv2.imwrite(out, image, (cv2.IMWRITE_JPEG_QUALITY, 85)):
        raise OSError(f"{out}: not written")
    return (time.process_time() - begin, os.getpid(),
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main():
    processes, operation, outdir, files = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
    if operation not in OPERATIONS:
        sys.exit(64)
    flags = flags_for(operation, files[0])
    with multiprocessing.Pool(processes, cv2.setNumThreads, (1,)) as pool:
        pool.map(wait, range(processes), chunksize=1)
        work = functools.partial(process, operation, flags, outdir)
        begin, cpu, peaks = time.monotonic(), 0, collections.Counter()
        for spent, pid, peak_kb in pool.imap_unordered(work, files):
            cpu += spent
            peaks[pid] = max(peaks[pid], peak_kb)
        print(f"{time.monotonic() - begin:.6f} {cpu:.6f} {sum(peaks.values()) / 1e3:.1f}")


if __name__ == "__main__":
    main()
