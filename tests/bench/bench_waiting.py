#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench-waiting`: how long people wait for a few pictures.

The first after a quiet night, when there is no job, and the next; three when nothing else is there, and three
in a folder of their own behind thousands; 200 with one of 100 MP among them, and without. Seconds from the
moment in which a picture is moved into the inbox until its result (of several, the last) can be seen. With
--vs DIR a second build (of an earlier commit, say) takes turns with the first, in the same run.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from share import Share, adopt_orphans

PHOTOS = f"{os.path.dirname(os.path.abspath(__file__))}/../lib/photos.py"
IDLE_S = 2


def wait_until(share, what, condition):
    """As share.wait(), but looks often, at files only."""
    end = time.monotonic() + 120
    while not condition():
        if time.monotonic() > end:
            share.wait(what, condition)
        time.sleep(0.001)


def into(share, chain, name, photos):
    """Let copies of @photos appear in the inbox as one folder; returns when that was."""
    os.makedirs(f"{share.work}/{name}")
    for i, photo in enumerate(photos):
        shutil.copy(photo, f"{share.work}/{name}/{i}.jpg")
    os.makedirs(f"{share.root}/inbox/{chain}", exist_ok=True)
    began = time.monotonic()
    os.rename(f"{share.work}/{name}", f"{share.root}/inbox/{chain}/{name}")
    return began


def count_results(share, chain, name):
    folder = share.results(chain, name)
    return sum(not entry.startswith(".") for entry in os.listdir(folder)) if os.path.isdir(folder) else 0


def wait_for(share, chain, name, count):
    wait_until(share, f"{count} in {chain}/{name}", lambda: count_results(share, chain, name) == count)
    return time.monotonic()


def drop(share, chain, name, photos):
    return -into(share, chain, name, photos) + wait_for(share, chain, name, len(photos))


def engine_state(share):
    words = [f"{share.build}/dropmill", "--share", share.root, "--config", f"{share.work}/conf", "--json", "status"]
    told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return told["daemon"]["engine"]["state"]


def first_drop(build, photos, _):
    """Cold and warm, in turn: there is a job for IDLE_S after each drop."""
    figures = {"one, when there is no job": [], "one, when there is": []}
    with Share(build, f'engine = {{ idle = "{IDLE_S}s"; }};') as share:
        share.warm_up("gray", photos[0])
        for i in range(5):
            share.wait("the end of the job", lambda: engine_state(share) == "idle")
            for what, seconds in figures.items():
                seconds.append(drop(share, "gray", f"{i}-{len(what)}", photos[:1]))
    return figures


def few_after_many(build, photos, many):
    with Share(build) as share:
        share.warm_up("gray", photos[0])
        alone = drop(share, "sepia", "alone", photos[:3])
        into(share, "gray", "many", photos[:1] * many)
        wait_for_some = many // 20
        wait_until(share, "some", lambda: count_results(share, "gray", "many") >= wait_for_some)
        behind = drop(share, "sepia", "behind", photos[:3])
        left = many - count_results(share, "gray", "many")
    if left < many // 10:
        print(f"# only {left} of {many} were left", file=sys.stderr)
    return {"three, when nothing else is there": [alone], f"three, behind {many}": [behind]}


def one_large(build, photos, _):
    with Share(build) as share:
        share.warm_up("blur-5", photos[0])
        without = drop(share, "blur-5", "without", photos[:1] * 200)
        began = into(share, "blur-5", "with", photos[:1] * 200 + [photos[1]])
        small = wait_for(share, "blur-5", "with", 200) - began
        wait_for(share, "blur-5", "with", 201)
    return {"200": [without], "200, with one of 100 MP among them": [small]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--vs", help="a second build directory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--many", type=int, default=5000)
    options = parser.parse_args()
    adopt_orphans()
    builds = [build for build in (options.build, options.vs) if build]
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([PHOTOS, work, "1", "1200", "800", "jpg"], check=True)
        subprocess.run(["vips", "resize", f"{work}/photo-000.jpg", f"{work}/large.jpg", "10.3"], check=True)
        photos = [f"{work}/photo-000.jpg", f"{work}/large.jpg"]
        for measure in (first_drop, few_after_many, one_large):
            spent = {build: {} for build in builds}
            for _ in range(options.rounds):
                for build in builds:
                    for what, seconds in measure(build, photos, options.many).items():
                        spent[build].setdefault(what, []).extend(seconds)
            for build in builds:
                for what, seconds in spent[build].items():
                    print(f"{what}: {statistics.median(seconds):.3f} s  ({build})", flush=True)


if __name__ == "__main__":
    main()
