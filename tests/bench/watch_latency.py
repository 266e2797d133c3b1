#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench-watch`, the latency: from the last thing that a writer does to the result in the outbox, of JPEGs of 1 MP,
one at a time, warm, with the shipped waits. By how the file comes (rules of inbox/settle.c):

    A   renamed in from a temporary name        bar: median 0.15 s
    B   written and closed                      bar: median 0.35 s
    D   in a folder that is renamed in, so that nobody was seen to write it
    E   written, whole, and held open
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from share import Share, adopt_orphans

PHOTOS = f"{os.path.dirname(os.path.abspath(__file__))}/../lib/photos.py"
BARS = {"A": 0.15, "B": 0.35}
CHAIN = "invert"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def rename_in(inbox, data, name):
    temporary = f"{inbox}/{CHAIN}/{name}.part"
    with open(temporary, "wb") as file:
        file.write(data)
    return lambda: os.rename(temporary, f"{inbox}/{CHAIN}/{name}")


def close(inbox, data, name):
    file = open(f"{inbox}/{CHAIN}/{name}", "wb")
    file.write(data)
    file.flush()
    return file.close


def folder(inbox, data, name):
    """Its file is younger than a minute, so its age proves nothing."""
    outside = tempfile.mkdtemp(dir=os.path.dirname(inbox))
    with open(f"{outside}/{name}", "wb") as file:
        file.write(data)
    return lambda: os.rename(outside, f"{inbox}/{CHAIN}/{name}.d")


held = []


def hold(inbox, data, name):
    file = open(f"{inbox}/{CHAIN}/{name}", "wb", buffering=0)
    held.append(file)
    return lambda: file.write(data)


WAYS = {"A": rename_in, "B": close, "D": folder, "E": hold}


def latency(share, way, data, name):
    """Seconds until the result is there."""
    result = f"{share.root}/outbox/{CHAIN}/{name}" + (f".d/{name}" if way == "D" else "")
    finish = WAYS[way](f"{share.root}/inbox", data, name)
    began = time.monotonic()
    finish()
    while not os.path.exists(result):
        if time.monotonic() - began > 30:
            sys.exit(f"{name} is not done")
        time.sleep(0.0005)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    adopt_orphans()
    work = tempfile.mkdtemp(prefix="dmb.", dir="/tmp")
    subprocess.run([PHOTOS, work, "1", "1200", "900", "jpg"], check=True)
    photo = f"{work}/photo-000.jpg"
    data, times = read(photo), {way: [] for way in WAYS}
    with Share(arguments.build, inbox="") as share:
        share.warm_up(CHAIN, photo)
        for i in range(arguments.rounds):
            for way, figures in times.items():
                figures.append(latency(share, way, data, f"{way}{i}.jpg"))
    shutil.rmtree(work)
    for way, figures in times.items():
        median = statistics.median(figures)
        bar = f", bar {BARS[way]} s: {'met' if median <= BARS[way] else 'MISSED'}" if way in BARS else ""
        print(f"{way}: visible after {median:.3f} s (median of {len(figures)}, from {min(figures):.3f} to"
              f" {max(figures):.3f}){bar}")


main()
