#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench-s3`: how fast results come into a bucket, against rclone, awscli and s3cmd.

A gateway of Ceph on loopback, begun anew with an empty store before each run; contenders take turns, round by
round, and the fastest round of each counts. dropmill's time is that of the whole mirror: the daemon starts with
a ledger in which all results are pending, and `dropmill s3 wait` says when all are sent. Who takes part:
s3_contenders.py; what it runs on: s3_ground.py. The bars are those of the mirror's design.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import tempfile
import time

import machine
from rounds import rotated
from s3_contenders import CONTENDERS, bucket_settings, rclone_environment
from s3_ground import Outbox, gateway, sink
from share import memory_mb

KB, MB = 1000, 1000 * 1000
LIMITED = ("rgw scheduler type = throttler", "rgw max concurrent requests = 3")

# What is to be sent, by whom, over so many connections (dropmill, peers); what of the gateway.
# @is_sink: of a server that costs nothing, in place of a gateway.
Case = collections.namedtuple("Case", "name count size connections who lines latency_ms is_sink",
                              defaults=((), 0, False))

PEERS = tuple(name for name in CONTENDERS if name != "dropmill")
CASES = (
    Case("2000 x 100 KB", 2000, 100 * KB, (32, 16), ("dropmill", *PEERS)),
    Case("2000 x 100 KB at 30 ms", 2000, 100 * KB, (64, 64), ("dropmill", "rclone", "awscli"), (), 30),
    Case("2000 x 100 KB at 30 ms, into a sink", 2000, 100 * KB, (64, 64), ("dropmill",), (), 30, True),
    Case("5 x 200 MB", 5, 200 * MB, (32, 16), ("dropmill", *PEERS)),
    Case("2000 x 100 KB, 3 requests in flight", 2000, 100 * KB, (32, 16), ("dropmill",), LIMITED),
)


def is_whole(case, address):
    """Whether all of it is in the bucket."""
    out = subprocess.run(["rclone", "size", "--json", "--config", "/dev/null", "t:bench/results"], check=True,
                         stdout=subprocess.PIPE, text=True, env=dict(os.environ, **rclone_environment(address)))
    found = json.loads(out.stdout)
    return (found["count"], found["bytes"]) == (case.count, case.count * case.size)


def ground_of(case, programs):
    """A sink has no network, but takes its time."""
    if case.is_sink:
        return sink(f"{programs}/sink", case.latency_ms)
    return gateway(case.lines, case.latency_ms, f"{programs}/delay_proxy")


def run_once(case, name, outbox, programs):
    with ground_of(case, programs) as address:
        run = CONTENDERS[name](outbox, address, case.connections[name != "dropmill"])
        whole = case.is_sink or is_whole(case, address)
    print(f"  {name}: {run.wall:.2f} s, {run.cpu:.2f} s of CPU, {run.peak_mb:.0f} MB"
          f"{'' if whole else ', NOT ALL IS THERE'}", flush=True)
    return run, whole


def measure(case, build, rounds, who):
    """name -> its rounds, and of whom something was missing."""
    runs, losers = collections.defaultdict(list), set()
    names = [name for name in case.who if re.search(who, name)]
    with tempfile.TemporaryDirectory(prefix="dmo.", dir="/tmp") as work:
        outbox = Outbox(build, work, case.count, case.size)
        for number in range(rounds):
            print(f"{case.name}, round {number + 1}", flush=True)
            for name in rotated(names, number):
                run, whole = run_once(case, name, outbox, f"{build}/tests/bench")
                runs[name].append(run)
                if not whole:
                    losers.add(name)
    return runs, losers


def best(runs, name, figure="wall"):
    return min(getattr(run, figure) for run in runs[name])


# ---- bars

def bar(good, what, found):
    print(f"* {'met' if good else '**missed**'}: {what}: {found}")


def bars_of_small(case, runs):
    for peer, least in (("rclone", 2.3), ("awscli", 2.7), ("s3cmd", 3.0)):
        if peer in runs:
            ratio = best(runs, peer) / best(runs, "dropmill")
            bar(ratio >= least, f">= {least} times as fast as {peer}", f"{ratio:.2f}")
    cpu_ms = 1000 * best(runs, "dropmill", "cpu") / case.count
    bar(cpu_ms <= 0.35, "<= 0.35 ms of CPU an object", f"{cpu_ms:.2f}")


def bars_of_latency(case, runs):
    speed = case.count / best(runs, "dropmill")
    bar(speed >= 1800, ">= 1,800 objects a second", f"{speed:.0f}")


def bars_of_large(case, runs):
    peers = [best(runs, peer) for peer in PEERS if peer in runs]
    if peers:
        ratio = best(runs, "dropmill") / min(peers)
        bar(ratio <= 0.75, "<= 0.75 of the time of the best peer", f"{ratio:.2f}")
    cpu = best(runs, "dropmill", "cpu") / (case.count * case.size / 1e9)
    bar(cpu <= 1.1, "<= 1.1 s of CPU a GB", f"{cpu:.2f}")


def bars_of_limited(_, runs):
    bar(best(runs, "dropmill") <= 15, "<= 15 s", f"{best(runs, 'dropmill'):.1f} s")


BARS = dict(zip((case.name for case in CASES),
                (bars_of_small, bars_of_latency, bars_of_latency, bars_of_large, bars_of_limited)))


def report(case, runs, losers):
    print(f"\n{case.name}; connections: dropmill {case.connections[0]}, peers {case.connections[1]} (s3cmd: 1)\n")
    print("| | seconds | against dropmill | CPU s | MB |\n|---|---:|---:|---:|---:|")
    for name in runs:
        ratio = best(runs, name) / best(runs, "dropmill") if "dropmill" in runs else float("nan")
        print(f"| {name} | {best(runs, name):.2f} | {ratio:.2f} | {best(runs, name, 'cpu'):.2f}"
              f" | {best(runs, name, 'peak_mb'):.0f} |")
    print()
    bar(not losers, "nothing lost", ", ".join(sorted(losers)) or "nothing")
    if "dropmill" in runs:
        BARS[case.name](case, runs)
    print(flush=True)


# ---- many that wait

def measure_pending(build, rows):
    """MB of the daemon at most, and seconds until the first is sent, with so many pending; 2000 are there."""
    with tempfile.TemporaryDirectory(prefix="dmo.", dir="/tmp") as work, \
            sink(f"{build}/tests/bench/sink", 0) as address:
        outbox = Outbox(build, work, 2000, 100 * KB, rows)
        begin = time.monotonic()
        with outbox.daemon(bucket_settings(address, 32)) as process:
            outbox.wait_count(1)
            first = time.monotonic() - begin
            outbox.wait_count(1900)  # behind them are those that are not there
            return memory_mb(process.pid, "VmHWM"), first


def report_pending(build):
    for rows in (100000, 1000000):
        peak_mb, first = measure_pending(build, rows)
        bar(peak_mb <= 64 + 32 * 0.1, f"{rows} pending: <= 64 MB and 32 connections of 100 KB",
            f"{peak_mb:.0f} MB, the first is sent {first:.2f} s after the start")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", help="where the programs are")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", metavar="REGEX", help="cases")
    parser.add_argument("--who", default="", metavar="REGEX", help="contenders")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    for line in machine.describe("rclone", "awscli", "s3cmd", "radosgw"):
        print(f"* {line}")
    for case in CASES:
        if re.search(options.only, case.name):
            report(case, *measure(case, build, options.rounds, options.who))
    if re.search(options.only, "pending"):
        report_pending(build)


if __name__ == "__main__":
    main()
