#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# How long a job takes from nothing until it takes work: the hello of rank 0. One rank by mpirun, as before, and by
# itself; two ranks on this machine's network, as before, and in a network of their own. In turn, medians.
#
#   start.py WORKER [rounds]
import os
import resource
import statistics
import sys
import time

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
from engine_session import OWN_NETWORK, Session  # noqa: E402

WAYS = {
    "one rank, by mpirun": {},
    "one rank, by itself": {"alone": True},
    "two ranks, by mpirun": {"ranks": 2},
    "two ranks, by mpirun in a network of their own": {"ranks": 2, "prefix": OWN_NETWORK},
}


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1e3


def start(worker, way):
    """Milliseconds until the hello, and of CPU from the first to the last of it."""
    before = cpu_ms()
    with Session(worker, **way) as session:
        session.accept()
        taken = time.monotonic() - session.began
        session.bye()
    return taken * 1e3, cpu_ms() - before


def main():
    worker, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 21
    figures = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            figures[name].append(start(worker, way))
    for name, pairs in figures.items():
        taken, cpu = zip(*pairs)
        print(f"{name}: hello after {statistics.median(taken):.0f} ms"
              f" (from {min(taken):.0f} to {max(taken):.0f}, {rounds} times);"
              f" CPU, its end too {statistics.median(cpu):.0f} ms")


main()
