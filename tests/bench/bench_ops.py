#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench-ops`: operation by operation, dropmill against the codec's own floor and its peers.

How contenders take turns: rounds.py; who takes part: contenders.py, commands.py; the bars and what
is written: ops_report.py. Then the memory of a long day (memory.py). End to end: bench.py.
"""
import argparse
import os
import re

import contenders
import machine
import memory
import npm
import ops_report
import rounds
from quiet import Patience
from sets import Set
from share import adopt_orphans

HERE = os.path.dirname(os.path.abspath(__file__))
LONG_S = 3  # who would take longer for a set has one round
FEW = 2 * machine.CORES  # photos of the first round
MOST_ROUNDS = 9
MEMORY_S = 90  # of the time there is

SETS = {which.name: which for which in (Set("12 MP", 4000, 3000, 16, 6, wallpapers=True),
                                        Set("1 MP", 1200, 900, 160, 40, wallpapers=True))}


def make_cases(directory, options):
    """(set name, operation) -> Case"""
    return {(photos, operation): contenders.Case(SETS[photos].paths(directory, options.quick),
                                                 operation)
            for photos, operation in ops_report.BARS
            if re.search(options.only, f"{photos} {operation}")}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", help="where the programs are")
    parser.add_argument("--quick", action="store_true", help="small sets, two rounds, few files")
    parser.add_argument("--minutes", type=float, default=10,
                        help="how many rounds: as fit, but at least two (default 10)")
    parser.add_argument("--patience", type=float, default=60, metavar="S",
                        help="how long to wait for others on this machine, in all (default 60)")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases, as in '12 MP copy'")
    parser.add_argument("--who", default="", metavar="REGEX", help="contenders besides the floor")
    parser.add_argument("--no-memory", action="store_true", help="leave out the long day")
    parser.add_argument("--results", default=f"{HERE}/results-ops.md", help="the file to write")
    return parser.parse_args()


def choose_runners(build, node_modules, who):
    everyone = contenders.operations(build, node_modules)
    return {name: run for name, run in everyone.items()
            if name == ops_report.FLOOR or re.search(who, name)}


def main():
    options = parse_arguments()
    adopt_orphans()
    build = os.path.abspath(options.build)
    directory = f"{build}/tests/bench"
    node_modules, sharp = npm.install(directory, "sharp")
    ground = [*machine.describe("graphicsmagick"), sharp]
    cases = make_cases(directory, options)
    runners = choose_runners(build, node_modules, options.who)
    patience = Patience(0 if options.quick else options.patience)
    seconds = 60 * options.minutes - (0 if options.no_memory else MEMORY_S)
    numbers = rounds.rounds_within(seconds, 2 if options.quick else MOST_ROUNDS)
    runs = rounds.compare(cases, runners, numbers, patience, LONG_S, FEW)
    day = None if options.no_memory else memory.measure(build, directory, options.quick)
    sets = [f"{len(case.photos)} of {name}" for (name, _), case in cases.items()]
    text = ops_report.write(ground, sets, runs, LONG_S, list(runners), day)
    with open(options.results, "w", encoding="utf-8") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
