# SPDX-License-Identifier: MIT
"""The contenders of the benchmarks: each does one case (a set of photos, an operation) once.

contenders() are those of bench.py, operations() those of bench_ops.py: a new one is one more row.
Read next: commands.py (what peers with a process a file run), share.py (how dropmill is driven).
"""
import collections
import os
import shutil
import subprocess
import tempfile
import time

import commands
from machine import CORES
from share import Share

HERE = os.path.dirname(os.path.abspath(__file__))
DEADLINE_S = 1800
EX_USAGE = 64  # how a program says that it knows no such operation

Case = collections.namedtuple("Case", "photos operation")  # paths in one folder; "median-3"

# One run: seconds that count in the comparison, CPU seconds of all processes, how many results and
# their bytes, the most memory held by all processes (pages that they share count for each), and of
# dropmill the Drop (share.py); then the share of the machine that others took.
Run = collections.namedtuple("Run", "wall cpu count bytes peak_mb drop others", defaults=(None, 0))


def check(folder, case):
    """Bytes of the results in @folder, all of which must be there and be as wide as they should."""
    sizes = [entry.stat().st_size for entry in os.scandir(folder)]
    if len(sizes) != len(case.photos) or min(sizes) < 1000:
        raise RuntimeError(f"{folder}: {len(sizes)} results, expected {len(case.photos)}")
    name = os.path.basename(case.photos[0])
    verb, _, argument = case.operation.partition("-")
    expected = int(argument) if verb == "resize" else width_of(case.photos[0])
    if width_of(f"{folder}/{name}") != expected:
        raise RuntimeError(f"{folder}/{name} is not {expected} wide")
    return sum(sizes)


def width_of(path):
    return int(subprocess.check_output(["vipsheader", "-f", "width", path],
                                       stderr=subprocess.DEVNULL))


def into_new_folder(action):
    """action(folder, case) -> wall, cpu, peak_mb, or None; as run(case) -> Run, or None."""
    def run(case):
        folder = tempfile.mkdtemp(prefix="dmb.", dir="/tmp")
        try:
            os.sync()  # what others wrote is not our business
            figures = action(folder, case)
            if figures is None:
                return None
            wall, cpu, peak_mb = figures
            return Run(wall, cpu, len(case.photos), check(folder, case), peak_mb)
        finally:
            shutil.rmtree(folder)
    return run


def self_timed(*command, env=None):
    """A program that keeps its processes or threads, and says itself what it took."""
    def action(folder, case):
        out = subprocess.run([*command, str(CORES), case.operation, folder, *case.photos],
                             stdout=subprocess.PIPE, text=True, timeout=DEADLINE_S,
                             env=dict(os.environ, **(env or {})), check=False)
        if out.returncode == EX_USAGE:
            return None
        out.check_returncode()
        return tuple(map(float, out.stdout.split()))
    return into_new_folder(action)


def xargs(table):
    """One process a file, as many at once as there are cores, one thread each."""
    def action(folder, case):
        if case.operation not in table:
            return None
        command = commands.fill(table[case.operation], os.path.dirname(case.photos[0]), folder)
        begin = time.monotonic()
        process = subprocess.Popen(["xargs", "-0", "-P", str(CORES), "-I@", *command],
                                   stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   env=dict(os.environ, **commands.ONE_THREAD))
        process.stdin.write("\0".join(map(os.path.basename, case.photos)).encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{command} failed")
        return (time.monotonic() - begin, usage.ru_utime + usage.ru_stime,
                usage.ru_maxrss / 1e3 * CORES)
    return into_new_folder(action)


def dropmill(build, engine=""):
    """From the moment the first file is ready to the last publication: the others do not settle."""
    def run(case):
        with Share(build, engine) as share:
            share.warm_up(case.operation, case.photos[0])
            drop = share.drop(case.operation, case.photos)
            size = check(share.results(case.operation), case)
            wall = drop.facts["published"][-1] - drop.facts["settled"][0]
            return Run(wall, sum(drop.cpu.values()), len(case.photos), size,
                       sum(share.peak_mb().values()), drop)
    return run


def opencv():
    return self_timed("/usr/bin/python3", "-B", f"{HERE}/peer_opencv.py")


def contenders(build):
    """name -> run(case) -> Run. The first is the yardstick, the second what is measured."""
    one_rank = f"engine = {{ ranks = 1; threads = {CORES}; }};"
    many_ranks = f"engine = {{ ranks = {CORES}; threads = 1; }};"
    return {
        "bare loop": self_timed(f"{build}/tests/bench/bare_pool"),
        "dropmill": dropmill(build),
        f"dropmill, 1 rank x {CORES} threads": dropmill(build, one_rank),
        f"dropmill, {CORES} ranks x 1 thread": dropmill(build, many_ranks),
        "OpenCV, multiprocessing": opencv(),
        "vips, a process a file": xargs(commands.VIPS),
        "ImageMagick, a process a file": xargs(commands.IMAGEMAGICK),
    }


def operations(build, node_modules):
    """The same for bench_ops.py; run(case) is None where a contender has no such operation."""
    sharp = self_timed("node", f"{HERE}/peer_sharp.cjs", env={"NODE_PATH": node_modules or ""})
    return {
        "floor": self_timed(f"{build}/tests/bench/floor"),
        "dropmill": dropmill(build),
        "pipeline alone": self_timed(f"{build}/tests/bench/pipeline_pool"),
        **({"sharp": sharp} if node_modules else {}),
        "OpenCV": opencv(),
        "GraphicsMagick": xargs(commands.GRAPHICSMAGICK),
        "ImageMagick": xargs(commands.IMAGEMAGICK),
        "vips": xargs(commands.VIPS),
    }
