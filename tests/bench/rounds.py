# SPDX-License-Identifier: MIT
"""Contenders by turns: every one does every case once a round, in an order that shifts with the
round, so that drift of the machine hits all alike. What is compared is the median over the rounds
of the ratio to another contender in the same round.
"""
import itertools
import statistics
import time


def rotated(names, by):
    by %= len(names)
    return names[by:] + names[:by]


def seconds_for(case, run):
    return run.wall / run.count * len(case.photos)


def run_round(case, runners, number, patience, long_s, runs):
    """One run of everybody who can do the case and is not too slow for it.

    runs: name -> round -> Run; who cannot do the case is not in it.
    """
    for name in rotated(list(runners), number):
        if number > 0 and (name not in runs or seconds_for(case, runs[name][0]) > long_s):
            continue
        run, others = patience.undisturbed(lambda name=name: runners[name](case))
        if run is not None:
            runs.setdefault(name, {})[number] = run._replace(others=others)
            print(f"  round {number + 1}, {name}: {1000 * run.cpu / run.count:.1f} ms of CPU an"
                  f" image, {run.wall:.2f} s, others {100 * others:.0f} %", flush=True)


def forget_first(runs):
    """Of those who have had others: a first round on few photos only finds out who is slow."""
    for rounds in runs.values():
        if len(rounds) > 1:
            del rounds[0]


def compare(cases, runners, rounds, patience, long_s, few=None):
    """(set name, operation) -> contender -> round -> Run

    @rounds yields the numbers of the rounds, from 0; with @few, the first is on so many photos. Who
    would take longer than @long_s for all of them has no round but the first.
    """
    runs = {key: {} for key in cases}
    for number in rounds:
        for key, case in cases.items():
            print(f"{key[0]}, {key[1]}", flush=True)
            part = case._replace(photos=case.photos[:few]) if number == 0 else case
            run_round(part, runners, number, patience, long_s, runs[key])
    if few is not None:
        for case in runs.values():
            forget_first(case)
    return runs


def rounds_within(seconds, most):
    """Numbers of rounds, from 0: at least two; none that would probably end after @seconds."""
    begin = last = time.monotonic()
    for number in itertools.islice(itertools.count(), most):
        now = time.monotonic()
        if number > 1 and now - begin + (now - last) > seconds:
            return
        last = now
        yield number


# ---- what the runs of one case (contender -> round -> Run) say

def median(values):
    return statistics.median(list(values))


def ratio(case, name, other, figure):
    """figure(Run) of @name against that of @other, in the rounds that both ran in."""
    rounds = case[name].keys() & case[other].keys()
    if not rounds:  # one of them was too slow to be asked again
        return middle(case, name, figure) / middle(case, other, figure)
    return median(figure(case[name][i]) / figure(case[other][i]) for i in rounds)


def middle(case, name, figure):
    return median(map(figure, case[name].values()))


def cpu_ms(run):
    return 1000 * run.cpu / run.count


def images_per_second(run):
    return run.count / run.wall
