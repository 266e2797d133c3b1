# SPDX-License-Identifier: MIT
"""The contenders of bench.py: each does one case (a set of photos, an operation) once.

A new contender is one more row in contenders(). Read next: share.py (how dropmill is driven).
"""
import collections
import os
import shutil
import subprocess
import tempfile
import time

from share import Share

CORES = len(os.sched_getaffinity(0))
HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH = 1600
DEADLINE_S = 1800
LONG_S = 8  # who takes longer in the first round has no others

Case = collections.namedtuple("Case", "photos operation")  # paths in one folder; "median-3"

# One run: seconds that count in the comparison, CPU seconds of all processes, how many results and
# their bytes, and of dropmill the Drop (share.py); then the share of the machine that others took.
Run = collections.namedtuple("Run", "wall cpu count bytes drop others", defaults=(None, 0))

# 'vips rank' is what vips_median() is.
VIPS = {
    "copy": "vips copy {in} {out}[Q=85]",
    "median-3": "vips rank {in}[access=sequential] {out}[Q=85] 3 3 4",
    "resize-1600": f"vipsthumbnail -s {WIDTH}x -o {{out}}[Q=85] {{in}}",
}
# Not 'convert': that name may be a wrapper.
IMAGEMAGICK = {
    "copy": "convert-im6.q16 {in} -quality 85 {out}",
    "median-3": "convert-im6.q16 {in} -median 3 -quality 85 {out}",
    "resize-1600": f"convert-im6.q16 {{in}} -resize {WIDTH} -quality 85 {{out}}",
}


def check(folder, case):
    """Bytes of the results in @folder, all of which must be there and be as wide as they should."""
    sizes = [entry.stat().st_size for entry in os.scandir(folder)]
    if len(sizes) != len(case.photos) or min(sizes) < 1000:
        raise RuntimeError(f"{folder}: {len(sizes)} results, expected {len(case.photos)}")
    name = os.path.basename(case.photos[0])
    expected = WIDTH if case.operation.startswith("resize") else width_of(case.photos[0])
    if width_of(f"{folder}/{name}") != expected:
        raise RuntimeError(f"{folder}/{name} is not {expected} wide")
    return sum(sizes)


def width_of(path):
    return int(subprocess.check_output(["vipsheader", "-f", "width", path]))


def into_new_folder(action):
    """action(folder, case) -> wall, cpu; as run(case) -> Run."""
    def run(case):
        folder = tempfile.mkdtemp(prefix="dmb.", dir="/tmp")
        try:
            os.sync()  # what others wrote is not our business
            wall, cpu = action(folder, case)
            return Run(wall, cpu, len(case.photos), check(folder, case))
        finally:
            shutil.rmtree(folder)
    return run


def self_timed(*command):
    """A program that keeps its processes or threads and prints wall and CPU seconds itself."""
    def action(folder, case):
        out = subprocess.run([*command, str(CORES), case.operation, folder, *case.photos],
                             check=True, stdout=subprocess.PIPE, text=True, timeout=DEADLINE_S)
        wall, cpu = map(float, out.stdout.split())
        return wall, cpu
    return into_new_folder(action)


def xargs(commands):
    """One process a file, as many at once as there are cores, one thread each."""
    def action(folder, case):
        source = os.path.dirname(case.photos[0])
        names = "\0".join(map(os.path.basename, case.photos))
        command = commands[case.operation].replace("{in}", f"{source}/@")
        command = command.replace("{out}", f"{folder}/@").split()
        before, begin = os.times(), time.monotonic()
        subprocess.run(["xargs", "-0", "-P", str(CORES), "-I@", *command], input=names, text=True,
                       check=True, timeout=DEADLINE_S,
                       env=dict(os.environ, VIPS_CONCURRENCY="1", MAGICK_THREAD_LIMIT="1"))
        wall, after = time.monotonic() - begin, os.times()
        return wall, (after.children_user + after.children_system
                      - before.children_user - before.children_system)
    return into_new_folder(action)


def dropmill(build, engine=""):
    """From the moment the first file is ready to the last publication: the others do not settle."""
    def run(case):
        with Share(build, engine) as share:
            share.warm_up(case.operation, case.photos[0])
            drop = share.drop(case.operation, case.photos)
            size = check(share.results(case.operation), case)
            wall = drop.facts["published"][-1] - drop.facts["settled"][0]
            return Run(wall, sum(drop.cpu.values()), len(case.photos), size, drop)
    return run


def contenders(build):
    """name -> run(case) -> Run. The first is the yardstick, the second what is measured."""
    one_rank = f"engine = {{ ranks = 1; threads = {CORES}; }};"
    many_ranks = f"engine = {{ ranks = {CORES}; threads = 1; }};"
    return {
        "bare loop": self_timed(f"{build}/tests/bench/bare_pool"),
        "dropmill": dropmill(build),
        f"dropmill, 1 rank x {CORES} threads": dropmill(build, one_rank),
        f"dropmill, {CORES} ranks x 1 thread": dropmill(build, many_ranks),
        "OpenCV, multiprocessing": self_timed("/usr/bin/python3", f"{HERE}/peer_opencv.py"),
        "vips, a process a file": xargs(VIPS),
        "ImageMagick, a process a file": xargs(IMAGEMAGICK),
    }
