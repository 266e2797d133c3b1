#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench-daemon`: what a file costs the daemon, in a small drop and in a large one.

The pictures are tiny, so that the daemon is what works; files appear in the inbox one by one, as
somebody copies them, while the job is warm. CPU time is the process's own clock. With --vs DIR a
second build (of an earlier commit, say) takes turns with the first, in the same run.
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

from share import Share, adopt_orphans, cpu_clock


def measure(build, picture, files):
    """CPU ms a file of the daemon, and seconds from the first file to the last original moved."""
    with Share(build) as share:
        share.warm_up("gray", picture)
        with open(picture, "rb") as file:
            data = file.read()
        folder = f"{share.root}/inbox/gray/set"
        os.makedirs(folder)
        before, began = cpu_clock(share.daemon.pid), time.monotonic()
        for i in range(files):
            with open(f"{folder}/{i}.png", "wb") as file:
                file.write(data)
        # Not share.is_done(): asking the ledger for 100,000 rows is work for the whole machine.
        originals = f"{share.root}/originals/gray/set"
        share.wait(f"{files} files",
                   lambda: os.path.isdir(originals) and len(os.listdir(originals)) == files)
        share.wait("the ledger", lambda: share.is_done("gray/set", files))
        return 1e3 * (cpu_clock(share.daemon.pid) - before) / files, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--vs", help="a second build directory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("files", type=int, nargs="*", default=[1000, 10000])
    options = parser.parse_args()
    adopt_orphans()
    builds = [build for build in (options.build, options.vs) if build]
    with tempfile.TemporaryDirectory() as work:
        picture = f"{work}/tiny.png"
        subprocess.run(["vips", "black", picture, "64", "64", "--bands", "3"], check=True)
        for files in options.files:
            spent = {build: [] for build in builds}
            for _ in range(options.rounds):
                for build in builds:
                    spent[build].append(measure(build, picture, files))
            for build in builds:
                cpu, seconds = (statistics.median(column) for column in zip(*spent[build]))
                print(f"{files:7} files: {cpu:.3f} ms CPU a file, {seconds:.1f} s  ({build})",
                      flush=True)


if __name__ == "__main__":
    main()
