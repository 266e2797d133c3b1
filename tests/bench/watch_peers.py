#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench-watch`, the peers: a hot folder end to end, against what people script for one.

200 photos of 1 and 2 MP are renamed in, one after another, to be made 800 px wide. From the first rename until
the last result can be seen: of dropmill, warm, with the shipped waits, and of two scripts, warm, that wait for
nothing: chokidar and sharp (peer_chokidar.cjs), watchdog and OpenCV (peer_watchdog.py). All take turns; what
counts is the fastest round of each.
"""
import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import machine
import npm
from rounds import rotated
from sets import Set
from share import Share, adopt_orphans, processes

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH = 800
CHAIN = f"resize-{WIDTH}"
DEADLINE_S = 300


class HotFolder:
    """Where photos go, where results come out; whether its program still runs, and its CPU seconds."""

    def __init__(self, work, inbox, outbox, is_alive, cpu_seconds):
        self.work, self.inbox, self.outbox = work, inbox, outbox
        self.is_alive, self.cpu_seconds = is_alive, cpu_seconds

    def count(self):
        if not os.path.isdir(self.outbox):
            return 0
        return sum(not name.startswith(".") for name in os.listdir(self.outbox))

    def wait(self, count):
        end = time.monotonic() + DEADLINE_S
        while self.count() < count:
            if not self.is_alive() or time.monotonic() > end:
                raise RuntimeError(f"{self.count()} results in {self.outbox}, expected {count}")
            time.sleep(0.005)

    def run(self, photos):
        """Seconds for all of @photos, and CPU seconds; the first goes before, alone."""
        staged = f"{self.work}/staged"
        os.mkdir(staged)
        for i, photo in enumerate([photos[0], *photos]):
            shutil.copy(photo, f"{staged}/{i}.jpg")
        os.sync()
        os.rename(f"{staged}/0.jpg", f"{self.inbox}/0.jpg")
        self.wait(1)
        before, began = self.cpu_seconds(), time.monotonic()
        for i in range(1, len(photos) + 1):
            os.rename(f"{staged}/{i}.jpg", f"{self.inbox}/{i}.jpg")
        self.wait(len(photos) + 1)
        seconds, cpu = time.monotonic() - began, self.cpu_seconds() - before
        self.check(len(photos))
        return seconds, cpu

    def check(self, count):
        for i in (1, count):
            out = subprocess.check_output(["vipsheader", "-f", "width", f"{self.outbox}/{i}.jpg"])
            if int(out) != WIDTH:
                raise RuntimeError(f"{self.outbox}/{i}.jpg is not {WIDTH} wide")


def family_cpu_seconds(pid):
    """Of @pid and all below it, with those that have ended."""
    found, family = processes(), {pid}
    for _ in range(3):  # generations
        family |= {child for child, process in found.items() if process.parent in family}
    ticks = 0
    for member in family:
        with open(f"/proc/{member}/stat", encoding="utf-8", errors="replace") as file:
            ticks += sum(map(int, file.read().rsplit(")", 1)[1].split()[11:15]))  # proc(5): utime to cstime
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def dropmill(build):
    with Share(build, inbox="") as share:
        inbox = f"{share.root}/inbox/{CHAIN}"
        os.mkdir(inbox)
        yield HotFolder(share.work, inbox, f"{share.root}/outbox/{CHAIN}",
                        lambda: share.daemon.poll() is None,
                        lambda: family_cpu_seconds(share.daemon.pid))


@contextlib.contextmanager
def script(*command, **environment):
    work = tempfile.mkdtemp(prefix="dmb.", dir="/tmp")
    rooms = [f"{work}/{room}" for room in ("inbox", "outbox", "originals")]
    for room in rooms:
        os.mkdir(room)
    program = subprocess.Popen([*command, str(machine.CORES), str(WIDTH), *rooms], stdout=subprocess.PIPE,
                               text=True, env=dict(os.environ, **environment), start_new_session=True)
    try:
        if program.stdout.readline() != "ready\n":
            raise RuntimeError(f"{command} does not start")
        yield HotFolder(work, rooms[0], rooms[1], lambda: program.poll() is None,
                        lambda: family_cpu_seconds(program.pid))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGTERM)
        program.wait()
        shutil.rmtree(work)


def contenders(build, node_modules):
    """name -> what makes its hot folder. The first is measured against the others."""
    found = {"dropmill": lambda: dropmill(build)}
    if node_modules:
        found["chokidar + sharp"] = lambda: script("node", f"{HERE}/peer_chokidar.cjs", NODE_PATH=node_modules)
    found["watchdog + OpenCV"] = lambda: script("/usr/bin/python3", "-B", f"{HERE}/peer_watchdog.py")
    return found


def make_photos(directory, count):
    kinds = [Set("1 MP", 1200, 900, count // 2, count // 2), Set("2 MP", 1600, 1200, count // 2, count // 2)]
    return [photo for pair in zip(*(kind.paths(directory, False) for kind in kinds)) for photo in pair]


def report(runs, count):
    """runs: name -> (seconds, CPU seconds) of each round."""
    wall = {name: min(seconds for seconds, _ in rounds) for name, rounds in runs.items()}
    for name, rounds in runs.items():
        every = ", ".join(f"{seconds:.2f}" for seconds, _ in rounds)
        print(f"{name}: {count / wall[name]:.1f} images/s, {wall[name] / wall['dropmill']:.2f} of dropmill's time, "
              f"{1000 * min(cpu for _, cpu in rounds) / count:.1f} ms of CPU an image (rounds: {every} s)")
    faster = [name for name in wall if wall[name] < wall["dropmill"]]
    print(f"bar, faster than both: {'MISSED, faster is ' + ', '.join(faster) if faster else 'met'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    adopt_orphans()
    directory = f"{os.path.abspath(options.build)}/tests/bench"
    node_modules, which = npm.install(directory, "chokidar", "sharp")
    print(f"# {machine.CORES} cores, load {os.getloadavg()[0]:.1f}; {which}; {machine.package('python3-watchdog')},"
          f" {machine.package('python3-opencv')}", flush=True)
    photos = make_photos(directory, options.count)
    everyone = contenders(options.build, node_modules)
    runs = {name: [] for name in everyone}
    for number in range(options.rounds):
        for name in rotated(list(everyone), number):
            with everyone[name]() as folder:
                runs[name].append(folder.run(photos))
    report(runs, len(photos))
    if node_modules is None:
        sys.exit("no figure for chokidar + sharp")


if __name__ == "__main__":
    main()
