#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench-watch`, the scale: what it costs to watch much, and what a start with much in the inbox is like.

    idle FOLDERS [DONE]   CPU of the daemon with so many folders, and so many done files in its ledger: us a
                          folder and sweep, and per cent of a core at the default of a sweep in 30 s
    start FILES [DIRS]    with so many files in the inbox: until all are noticed, until the first is done, the
                          memory of the daemon
"""
import argparse
import os
import sqlite3
import subprocess
import time

from share import Share, adopt_orphans, cpu_clock, memory_mb

SWEEP_S = 0.5
DEFAULT_SWEEP_S = 30


class Prepared(Share):
    """A share in which something lies before the daemon starts."""

    def __init__(self, build, prepare, settings):
        super().__init__(build, "")
        self.prepare, self.settings = prepare, settings

    def __enter__(self):
        super().__enter__()
        self.daemon.terminate()
        self.daemon.wait()
        self.prepare(self)
        with open(f"{self.work}/conf", "a", encoding="utf-8") as file:
            file.write(self.settings)
        self.start()
        return self

    def start(self):
        log = open(f"{self.work}/log", "ab")
        self.began = time.monotonic()
        self.daemon = subprocess.Popen(
            [f"{self.build}/dropmilld", "--share", self.root, "--config", f"{self.work}/conf"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def count(self, where):
        return self.ledger.execute(f"SELECT count(*) FROM file WHERE {where}").fetchone()[0]


def folders_of(count):
    return [f"blur-{1 + i % 5}/f{i // 100}/g{i}" for i in range(count)]


def add_done(share, folders, done):
    """Rows of files that were done long ago."""
    ledger = sqlite3.connect(f"{share.work}/state/{share.name}/ledger.db")
    now_us = int(time.time() * 1e6)
    ledger.executemany(
        "INSERT INTO file(state, path, chain, attempt, job, format, bytes, output, retired, seen_utc_us, state_utc_us)"
        " VALUES (5, ?, 'blur-1', 1, 1, 'png', 9, ?, 1, ?, ?)",
        ((path, path, now_us, now_us) for path in
         (f"{folders[i % len(folders)]}/{i}.png".encode() for i in range(done))))
    ledger.commit()
    ledger.close()


def measure_idle(build, count, done):
    folders = folders_of(count)

    def prepare(share):
        for folder in folders:
            os.makedirs(f"{share.root}/inbox/{folder}")
        if done:
            add_done(share, folders, done)

    settings = f'max_folders_is_below = 0;\n' if False else ""
    with Prepared(build, prepare, settings) as share:
        with open(f"{share.work}/conf", encoding="utf-8") as file:
            text = file.read()
        share.daemon.terminate()
        share.daemon.wait()
        with open(f"{share.work}/conf", "w", encoding="utf-8") as file:
            file.write(text.replace("inbox = {", f'inbox = {{ max_folders = 1000000; sweep = "{int(SWEEP_S * 1000)}ms";'))
        share.start()
        time.sleep(5 + count / 5000)  # the start, and times of directories that are young
        before, began = cpu_clock(share.daemon.pid), time.monotonic()
        time.sleep(10)
        spent, passed = cpu_clock(share.daemon.pid) - before, time.monotonic() - began
        a_sweep = spent / (passed / SWEEP_S)
        print(f"{count:8} folders, {done:8} done files: {1e6 * a_sweep / count:6.2f} us a folder and sweep, "
              f"idle {100 * a_sweep / DEFAULT_SWEEP_S:.3f} % of a core, {memory_mb(share.daemon.pid, 'VmRSS'):.0f} MB",
              flush=True)


def measure_start(build, files, dirs, picture):
    with open(picture, "rb") as file:
        data = file.read()
    old = time.time() - 3600

    def prepare(share):
        for i in range(dirs):
            folder = f"{share.root}/inbox/gray/d{i}"
            os.makedirs(folder)
            fd = os.open(folder, os.O_RDONLY)
            for j in range(files // dirs):
                handle = os.open(f"{j}.png", os.O_WRONLY | os.O_CREAT, 0o666, dir_fd=fd)
                os.write(handle, data)
                os.utime(handle, (old, old))
                os.close(handle)
            os.close(fd)

    with Prepared(build, prepare, "") as share:
        first, began = None, share.began
        while True:
            noticed = share.ledger.execute("SELECT seq FROM sqlite_sequence WHERE name = 'file'").fetchone()
            if first is None and share.ledger.execute("SELECT 1 FROM file WHERE state = 5 LIMIT 1").fetchone():
                first = time.monotonic() - began
            if noticed and noticed[0] >= files // dirs * dirs and first is not None:
                break
            if share.daemon.poll() is not None:
                raise RuntimeError(open(f"{share.work}/log", encoding="utf-8").read()[-2000:])
            time.sleep(0.1)
        noticed = time.monotonic() - began
        time.sleep(5)
        print(f"{files:8} files in {dirs} folders: all noticed after {noticed:.1f} s, the first done after "
              f"{first:.1f} s, {memory_mb(share.daemon.pid, 'VmRSS'):.0f} MB, at most "
              f"{memory_mb(share.daemon.pid, 'VmHWM'):.0f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("what", nargs="*", help="idle:FOLDERS[:DONE] or start:FILES[:DIRS]",
                        default=["idle:10000", "idle:1000", "idle:1000:100000", "start:100000:10"])
    options = parser.parse_args()
    adopt_orphans()
    picture = "/tmp/dm-bench-tiny.png"
    subprocess.run(["vips", "black", picture, "16", "16", "--bands", "3"], check=True)
    for what in options.what:
        kind, *numbers = what.split(":")
        numbers = [int(number) for number in numbers]
        if kind == "idle":
            measure_idle(options.build, numbers[0], numbers[1] if len(numbers) > 1 else 0)
        else:
            measure_start(options.build, numbers[0], numbers[1] if len(numbers) > 1 else 10, picture)


if __name__ == "__main__":
    main()
