#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Spoiled files, bombs and disguises through the worker's pipeline, in its jail.

usage: hostile.py DRIVER DIR [MUTATIONS] [SEED]

Each file must end as done, or as one failure with a reason that blames the file, within the deadline
and the memory; a good picture among them must come out as it does alone. Prints TAP; what breaks a
rule is left in DIR.
"""
import collections
import os
import random
import shutil
import subprocess
import sys

import cv2
import numpy as np

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
import bombs  # noqa: E402
import corpus  # noqa: E402
import spoil  # noqa: E402
from tap import Tap  # noqa: E402

THREADS, MEMORY_MB = 4, 200
PEAK_MB = 2 * MEMORY_MB + 200  # a task alone may take twice the budget
SLOW_MS = 20000
GOOD_EVERY = 50  # files between two good ones
BATCH = 4000     # files in one process
BLAMES_THE_FILE = {"none", "empty", "not-an-image", "unsupported-format", "truncated", "damaged", "too-large",
                   "bad-step"}
CHAINS = ("png", "copy", "resize-20_png", "rotate-90_png", "blur-2_jpeg", "strip_webp", "gray_tiff")

Answer = collections.namedtuple("Answer", "chain name status reason ms message")


class Run:
    """Batches of (chain, name) through drivers; what became of them."""

    def __init__(self, driver, folder):
        self.driver, self.folder = driver, folder
        self.inputs, self.outputs = f"{folder}/in", f"{folder}/out"
        self.answers, self.crashes, self.peak_mb = [], [], 0
        for directory in (self.inputs, self.outputs):
            os.makedirs(directory, exist_ok=True)

    def put(self, name, data):
        with open(f"{self.inputs}/{name}", "wb") as file:
            file.write(data)
        return name

    def go(self, work, keep=False):
        """Run one list; a file that ends the process is noted, and the rest goes on without it."""
        while work:
            lines = "".join(f"{chain}\t{name}\n" for chain, name in work)
            out = subprocess.run([self.driver, str(THREADS), str(MEMORY_MB), self.inputs, self.outputs]
                                 + ([] if keep else ["1000000"]), input=lines, text=True, check=False,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            done = self.read(work, out.stdout)
            if out.returncode == 0:
                return
            culprit = self.culprit(work, out)
            self.crashes.append((culprit, out.stderr.strip()[-300:]))
            work = [item for number, item in enumerate(work, 1) if number not in done and item != culprit]

    def culprit(self, work, out):
        for line in (out.stdout + out.stderr).splitlines():
            words = line.split()
            if words[:1] == ["timeout"]:
                return work[int(words[1]) - 1]
            if words[:1] == ["crash"] and int(words[2]) > 0:
                return work[int(words[2]) - 1]
        raise SystemExit(f"the driver failed without a word of a file: {out.returncode} {out.stderr}")

    def read(self, work, text):
        done = set()
        for line in text.splitlines():
            fields = line.split("\t")
            if fields[0] == "peak":
                self.peak_mb = max(self.peak_mb, int(fields[1]))
            elif fields[0].isdigit():
                number = int(fields[0])
                done.add(number)
                self.answers.append(Answer(*work[number - 1], fields[1], fields[2], int(fields[3]), fields[4]))
        return done


# ---- what is run

def truncations(run, names, step):
    """Every @step-th length of every file of the corpus, as PNG: (name, whole file) pairs."""
    work = []
    for name in names:
        with open(f"{run.folder}/corpus/{name}", "rb") as file:
            data = file.read()
        for size in range(1, len(data), step if len(data) < 6000 else step * 8):
            work.append(("png", run.put(f"cut-{size}-{name}", data[:size])))
    return work


def mutations(run, names, count, seed):
    rng = random.Random(seed)
    originals = {}
    for name in names:
        with open(f"{run.folder}/corpus/{name}", "rb") as file:
            originals[name] = file.read()
    for number in range(count):
        name = rng.choice(names)
        data = spoil.spoil(originals[name], rng)
        yield rng.choice(CHAINS), run.put(f"{seed}-{number}-{name}", data)


def with_good(run, work):
    """The good picture under a new name every now and then."""
    for index, item in enumerate(work):
        if index % GOOD_EVERY == 0:
            yield "resize-20_png", "good.jpg"
        yield item


def in_batches(run, work):
    batch = []
    for item in work:
        batch.append(item)
        if len(batch) == BATCH:
            run.go(batch)
            batch = []
    run.go(batch)


# ---- what must hold

def check_run(tap, run, what):
    tally = collections.Counter(answer.reason for answer in run.answers)
    print(f"# {what}: {len(run.answers)} files: {dict(tally.most_common())}; peak {run.peak_mb} MB")
    tap.none(f"{what}: no file ends the process", run.crashes)
    tap.none(f"{what}: every failure blames the file", [a for a in run.answers if a.reason not in BLAMES_THE_FILE])
    failed = [a for a in run.answers if a.status != "done"]
    tap.none(f"{what}: failures have a sentence", [a for a in failed if len(a.message) < 10])
    tap.none(f"{what}: none takes long", [a for a in run.answers if a.ms > SLOW_MS])
    over = run.peak_mb > PEAK_MB and os.environ.get("VARIANT", "release") == "release"  # sanitizers take more
    tap.none(f"{what}: memory stays below {PEAK_MB} MB", [run.peak_mb] if over else [])
    good = [a for a in run.answers if a.name == "good.jpg"]
    tap.test(f"{what}: there are good pictures among them", good)
    tap.none(f"{what}: all of which are done", [a for a in good if a in failed])


def same_picture(path, other):
    a, b = cv2.imread(path, cv2.IMREAD_UNCHANGED), cv2.imread(other, cv2.IMREAD_UNCHANGED)
    return a is not None and b is not None and np.array_equal(a, b)


def check_truncations(tap, run, work):
    """A result of a cut file is the result of the whole one, or there is none."""
    whole = [("png", name) for name in sorted({name.split("-", 2)[2] for _, name in work})]
    for _, name in whole:
        shutil.copy(f"{run.folder}/corpus/{name}", f"{run.inputs}/{name}")
    whole_run = Run(run.driver, f"{run.folder}/whole")
    whole_run.inputs = run.inputs
    whole_run.go(whole, keep=True)
    tap.none("the corpus is valid", [a for a in whole_run.answers if a.status != "done"])
    results = {item[1]: f"{whole_run.outputs}/{number}" for number, item in enumerate(whole, 1)}
    grey = []
    for number, (_, name) in enumerate(work, 1):
        path = f"{run.outputs}/{number}"
        if os.path.exists(path) and not same_picture(path, results[name.split("-", 2)[2]]):
            grey.append(name)
    tap.none("a cut file gives the whole picture or none", grey)


def main():
    driver, folder = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1500
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    tap = Tap()
    names = corpus.make(f"{folder}/corpus")
    lacking = sorted(corpus.SAVES.keys() - set(names))
    tap.test("the corpus has all kinds, or all but two", len(lacking) <= 2,
             [f"this libvips writes no {name}" for name in lacking])
    with open(f"{folder}/corpus/base.jpg", "rb") as file:
        small = file.read()

    run = Run(driver, f"{folder}/cut")
    os.symlink(f"{folder}/corpus", f"{run.folder}/corpus")
    work = truncations(run, names, 1 if count > 10000 else 7)
    run.go([*work, ("png", run.put("good.jpg", small))], keep=True)
    check_run(tap, run, "truncated")
    check_truncations(tap, run, work)
    shutil.rmtree(run.folder)

    run = Run(driver, f"{folder}/mutated")
    os.symlink(f"{folder}/corpus", f"{run.folder}/corpus")
    run.put("good.jpg", small)
    in_batches(run, with_good(run, mutations(run, names, count, seed)))
    check_run(tap, run, f"mutated (seed {seed})")
    keep_culprits(run)

    run = Run(driver, f"{folder}/bombs")
    run.put("good.jpg", small)
    files = {**bombs.bombs(folder, small), **bombs.DISGUISES}
    run.go(list(with_good(run, [("resize-20_png", run.put(name, data)) for name, data in files.items()])))
    check_run(tap, run, "bombs and disguises")
    tap.none("no disguise is done", [a for a in run.answers if a.name in bombs.DISGUISES and a.status == "done"])
    for answer in run.answers:
        print(f"#   {answer.name}: {answer.status} {answer.reason} {answer.ms} ms {answer.message[:90]}")
    return tap.done()


def keep_culprits(run):
    """Of the mutated files only those that broke something stay."""
    culprits = {item[1] for item, _ in run.crashes} | {a.name for a in run.answers if a.reason not in BLAMES_THE_FILE}
    for name in os.listdir(run.inputs):
        if name not in culprits:
            os.unlink(f"{run.inputs}/{name}")


if __name__ == "__main__":
    sys.exit(main())
