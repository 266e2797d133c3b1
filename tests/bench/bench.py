#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench`: dropmill end to end against a bare loop and its peers, all in one run.

Every contender does every case (a set of photos, an operation) once a round, in an order that
shifts with the round, so that drift of the machine hits all alike; what is compared is the median
over the rounds of the ratio to another contender in the same round. Who takes part: contenders.py;
how dropmill is driven: share.py; what if others use the machine: quiet.py; what is written:
report.py. Then latency, idling, and the engine alone (engine.py).
"""
import argparse
import collections
import itertools
import multiprocessing
import os
import re
import subprocess
import sys
import time

import contenders
import report
from quiet import Patience
from share import Share, adopt_orphans

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../e2e")
import cv2  # noqa: E402
import photos  # noqa: E402

OPERATIONS = ("copy", "median-3", "resize-1600")

Set = collections.namedtuple("Set", "name width height count quick_count")
SETS = (Set("12 MP", 4000, 3000, 24, 6), Set("1 MP", 1200, 900, 160, 40))

Idle = collections.namedtuple("Idle", "percent seconds")


# ---- photos

def make_photo(path, width, height, seed):
    cv2.imwrite(f"{path}.part.jpg", photos.photo(width, height, seed),
                (cv2.IMWRITE_JPEG_QUALITY, 88))  # OpenCV's chroma is 4:2:0
    os.rename(f"{path}.part.jpg", path)


def make_set(directory, which, quick):
    """Paths of the set's photos; they are kept from one benchmark to the next."""
    count = which.quick_count if quick else which.count
    folder = os.path.join(directory, f"photos-{which.width}")
    os.makedirs(folder, exist_ok=True)
    paths = [f"{folder}/photo-{i:03d}.jpg" for i in range(count)]
    missing = [(path, which.width, which.height, i) for i, path in enumerate(paths)
               if not os.path.exists(path)]
    with multiprocessing.Pool(contenders.CORES) as pool:
        pool.starmap(make_photo, missing, chunksize=1)
    return paths


def make_cases(directory, options):
    """(set name, operation) -> Case"""
    cases = {}
    for which, operation in itertools.product(SETS, OPERATIONS):
        if re.search(options.only, f"{which.name} {operation}"):
            cases[which.name, operation] = contenders.Case(
                make_set(directory, which, options.quick), operation)
    return cases


# ---- rounds

def rotated(names, by):
    by %= len(names)
    return names[by:] + names[:by]


def run_round(case, runners, number, patience, runs):
    """One run of everybody who is not too slow; into runs: name -> round -> Run."""
    for name in rotated(list(runners), number):
        if number > 0 and runs[name][0].wall > contenders.LONG_S:
            continue
        run, others = patience.undisturbed(lambda name=name: runners[name](case))
        runs[name][number] = run._replace(others=others)
        print(f"  round {number + 1}, {name}: {run.wall:.2f} s, others {100 * others:.0f} %",
              flush=True)


def compare(cases, runners, rounds, patience):
    """(set name, operation) -> contender -> round -> Run"""
    runs = {key: {name: {} for name in runners} for key in cases}
    for number, (key, case) in itertools.product(range(rounds), cases.items()):
        print(f"{key[0]}, {key[1]}", flush=True)
        run_round(case, runners, number, patience, runs[key])
    return runs


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
    machine = report.describe_machine()
    cases = make_cases(f"{build}/tests/bench", options)
    runners = choose_runners(build, options.who)
    rounds = options.rounds or (1 if options.quick else 5)
    small = make_set(f"{build}/tests/bench", SETS[1], options.quick)[0]
    patience = Patience(options.patience)
    runs = compare(cases, runners, rounds, patience)
    patience.wait()
    latencies, idle = measure_quiet(build, small, 10 if options.quick else 30,
                                    3 if options.quick else 10)
    engine = [] if options.quick else measure_engine(build)
    sets = {name: f"{len(case.photos)} of {name}" for (name, _), case in cases.items()}
    text = report.write(machine, sets.values(), runs, latencies, idle, engine)
    with open(options.results, "w", encoding="utf-8") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
