#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench`: dropmill end to end against a bare loop and its peers, all in one run.

How contenders take turns: rounds.py; who takes part: contenders.py; how dropmill is driven:
share.py; what if others use the machine: quiet.py; what is written: report.py. Then latency,
idling, and the engine alone (engine.py). Operation by operation: bench_ops.py.
"""
import argparse
import collections
import itertools
import os
import re
import subprocess
import time

import contenders
import machine
import report
import rounds
from quiet import Patience
from sets import Set
from share import Share, adopt_orphans

HERE = os.path.dirname(os.path.abspath(__file__))

LONG_S = 8  # who would take longer for a set has one round
OPERATIONS = ("copy", "median-3", "resize-1600")
SETS = (Set("12 MP", 4000, 3000, 24, 6), Set("1 MP", 1200, 900, 160, 40))

Idle = collections.namedtuple("Idle", "percent seconds")


def make_cases(directory, options):
    """(set name, operation) -> Case"""
    cases = {}
    for which, operation in itertools.product(SETS, OPERATIONS):
        if re.search(options.only, f"{which.name} {operation}"):
            cases[which.name, operation] = contenders.Case(
                which.paths(directory, options.quick), operation)
    return cases


# ---- one at a time, and nothing at all

def measure_quiet(build, photo, count, idle_seconds):
    """Milliseconds from ready to published of @count images one by one, and what idling costs."""
    with Share(build) as share:
        share.warm_up("copy", photo)
        latencies = []
        for i in range(count):
            facts = share.drop("copy", [photo], f"one-{i}").facts
            latencies.append(1000 * (facts["published"][0] - facts["settled"][0]))
        time.sleep(1)
        before = share.cpu_seconds()
        time.sleep(idle_seconds)
        spent = sum(share.cpu_since(before).values())
        return latencies, Idle(100 * spent / idle_seconds, idle_seconds)


def measure_engine(build):
    """What engine.py says."""
    out = subprocess.run(["/usr/bin/python3", "-B", f"{HERE}/engine.py",
                          f"{build}/tests/bench/fake_worker", "10"],
                         check=True, stdout=subprocess.PIPE, text=True)
    return out.stdout.splitlines()


# ---- all of it

def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", help="where the programs are")
    parser.add_argument("--quick", action="store_true", help="small sets, one round, no engine.py")
    parser.add_argument("--rounds", type=int, help="default 5, with --quick 1")
    parser.add_argument("--patience", type=float, default=900, metavar="S",
                        help="how long to wait for others on this machine, in all (default 900)")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases, as in '12 MP copy'")
    parser.add_argument("--who", default="", metavar="REGEX",
                        help="contenders besides the bare loop, as in 'dropmill$'")
    parser.add_argument("--results", default=f"{HERE}/results.md", help="the file to write")
    return parser.parse_args()


def choose_runners(build, who):
    everyone = contenders.contenders(build)
    first = next(iter(everyone))
    return {name: run for name, run in everyone.items() if name == first or re.search(who, name)}


def main():
    options = parse_arguments()
    adopt_orphans()
    build = os.path.abspath(options.build)
    ground = machine.describe()
    cases = make_cases(f"{build}/tests/bench", options)
    runners = choose_runners(build, options.who)
    count = options.rounds or (1 if options.quick else 5)
    small = SETS[1].paths(f"{build}/tests/bench", options.quick)[0]
    patience = Patience(options.patience)
    runs = rounds.compare(cases, runners, range(count), patience, LONG_S)
    patience.wait()
    latencies, idle = measure_quiet(build, small, 10 if options.quick else 30,
                                    3 if options.quick else 10)
    engine = [] if options.quick else measure_engine(build)
    sets = {name: f"{len(case.photos)} of {name}" for (name, _), case in cases.items()}
    text = report.write(ground, sets.values(), runs, LONG_S, latencies, idle, engine)
    with open(options.results, "w", encoding="utf-8") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
