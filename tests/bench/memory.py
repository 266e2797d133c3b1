# SPDX-License-Identifier: MIT
"""What a long day does to the worker's memory: thousands of files of every kind, eight threads.

Used by bench_ops.py. Each pass drops the same mixture into each of some folders; the worker's
memory is read after each pass: it should be level.
"""
import collections
import os
import shutil
import time

from sets import mixed_formats
from share import Share

THREADS = 8
CHAINS = ("copy", "median-3_sharpen", "invert_blur-k5", "resize-800")
PASSES, COPIES = 5, 5  # 5 x 4 folders x 5 copies of 21 files = 2,100
WORKER = "dropmill-worker"

# MB of the worker: at most, and after each pass.
Day = collections.namedtuple("Day", "files peak_mb after_mb seconds")


def copies(directory, folder):
    """COPIES of each file under names of their own."""
    os.makedirs(folder)
    for path in mixed_formats(directory):
        stem, extension = os.path.splitext(os.path.basename(path))
        for i in range(COPIES):
            shutil.copy(path, f"{folder}/{stem}-{i}{extension}")
    return sorted(f"{folder}/{name}" for name in os.listdir(folder))


def worker(sums):
    """Programs' names are cut to 15 bytes by the kernel."""
    return next(mb for program, mb in sums.items() if WORKER.startswith(program))


def do_pass(share, files, number):
    for chain in CHAINS:
        name = f"pass-{number}"
        share.drop(chain, files, name)
        shutil.rmtree(share.results(chain, name))
        shutil.rmtree(f"{share.root}/originals/{chain}/{name}")
        shutil.rmtree(f"{share.root}/inbox/{chain}/{name}", ignore_errors=True)


def measure(build, directory, quick):
    passes = 1 if quick else PASSES
    begin = time.monotonic()
    with Share(build, f"engine = {{ ranks = 1; threads = {THREADS}; }};") as share:
        files = copies(directory, f"{share.work}/mixture")
        share.warm_up(CHAINS[0], files[0])
        after = []
        for number in range(passes):
            do_pass(share, files, number)
            after.append(worker(share.memory_mb()))
            print(f"memory: {after[-1]:.0f} MB after pass {number + 1}", flush=True)
        return Day(passes * len(CHAINS) * len(files), worker(share.peak_mb()), after,
                   time.monotonic() - begin)
