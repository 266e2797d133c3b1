# SPDX-License-Identifier: MIT
"""A share with dropmill's daemon on it, warm, and what its ledger says of the files dropped there.

Used by contenders.py. Times are UTC seconds, as in the ledger.
"""
import collections
import contextlib
import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

STATE_DONE, STATE_FAILED = 5, 6  # watcher/ledger/ledger.h
DEADLINE_S = 900

CONFIG = """\
state_dir = "{work}/state";
runtime_dir = "{work}/run";
log_level = "message";
{inbox}
{engine}
"""
# What is measured is not how long a file is waited for.
NO_WAITING = 'inbox = { settle_closed = "100ms"; settle_unseen = "300ms"; };'

# What became of the files that were dropped together: the moment of the drop, for each fact of the
# ledger the moments of all files in order, their computing times, and CPU seconds by program.
Drop = collections.namedtuple("Drop", "began facts elapsed cpu")

Process = collections.namedtuple("Process", "parent program")


def processes():
    """pid -> Process, of all that run."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8",
                                                errors="replace") as file:
            program, fields = file.read().split("(", 1)[1].rsplit(")", 1)
            found[int(pid)] = Process(int(fields.split()[1]), program)
    return found


def cpu_clock(pid):
    """CPU seconds of the process, to the nanosecond; what clock_getcpuclockid(3) makes."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_mb(pid, what):
    """@what: "VmRSS", now; "VmHWM", at most so far."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(what)) / 1e3


def adopt_orphans():
    """Let processes whose parent ends become our children, so that their CPU time is known."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def bury_orphans():
    """Of the daemon that has ended; they do so on their own."""
    end = time.monotonic() + 20
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
        raise RuntimeError("processes of the job outlive the daemon")


class Share:
    """A share in a directory of its own; the daemon runs while the context is open."""

    def __init__(self, build, engine="", inbox=NO_WAITING):
        self.build, self.engine, self.inbox = build, engine, inbox

    def __enter__(self):
        self.work = tempfile.mkdtemp(prefix="dmb.", dir="/tmp")  # short: socket paths are limited
        self.root = f"{self.work}/share"
        with open(f"{self.work}/conf", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(work=self.work, engine=self.engine, inbox=self.inbox))
        subprocess.run([f"{self.build}/dropmill", "setup", "--bare", self.root], check=True,
                       stdout=subprocess.DEVNULL)
        with open(f"{self.root}/.dropmill/root.id", encoding="utf-8") as file:
            self.name = file.read().strip()
        with open(f"{self.work}/log", "wb") as log:
            self.daemon = subprocess.Popen(
                [f"{self.build}/dropmilld", "--share", self.root, "--config", f"{self.work}/conf"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait("the daemon", lambda: os.path.exists(f"{self.work}/run/{self.name}/control.sock"))
        self.ledger = sqlite3.connect(f"file:{self.work}/state/{self.name}/ledger.db?mode=ro",
                                      uri=True, timeout=10)
        return self

    def __exit__(self, *_):
        self.daemon.send_signal(signal.SIGTERM)
        try:
            self.daemon.wait(20)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
        bury_orphans()
        shutil.rmtree(self.work, ignore_errors=True)

    def wait(self, what, condition):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            if self.daemon.poll() is not None or time.monotonic() > end:
                with open(f"{self.work}/log", encoding="utf-8", errors="replace") as log:
                    raise RuntimeError(f"waited for {what}\n{log.read()[-3000:]}")
            time.sleep(0.05)

    def sum_up(self, figure):
        """figure(pid) of the daemon and its job, which must be there: program -> sum. A single rank
        has no mpirun."""
        found = processes()
        ours = {self.daemon.pid}
        for _ in range(3):  # generations
            ours |= {pid for pid, process in found.items() if process.parent in ours}
        sums = collections.Counter()
        for pid in ours & found.keys():
            sums[found[pid].program] += figure(pid)
        if len(sums) < 2:
            raise RuntimeError(f"the job has gone: {dict(sums)}")
        return sums

    def cpu_seconds(self):
        return self.sum_up(cpu_clock)

    def peak_mb(self):
        return self.sum_up(lambda pid: memory_mb(pid, "VmHWM"))

    def memory_mb(self):
        return self.sum_up(lambda pid: memory_mb(pid, "VmRSS"))

    def cpu_since(self, before):
        spent = self.cpu_seconds()
        spent.subtract(before)
        return spent

    def query(self, what, folder):
        """@what of the rows of files in @folder (paths are blobs in the ledger)."""
        return self.ledger.execute(f"SELECT {what} WHERE CAST(path AS TEXT) GLOB ? ORDER BY id",
                                   (f"{folder}/*",)).fetchall()

    def is_done(self, folder, count):
        states = [state for state, in self.query("state FROM file", folder)]
        if STATE_FAILED in states:
            raise RuntimeError(f"{folder}: a file failed")
        return states.count(STATE_DONE) == count

    def facts(self, folder):
        moments = collections.defaultdict(list)
        for fact, utc_us in self.query("fact, utc_us FROM history", folder):
            moments[fact].append(utc_us / 1e6)
        return {fact: sorted(times) for fact, times in moments.items()}

    def warm_up(self, chain, photo):
        """One image through everything: the job is up, and the ranks know the chain."""
        os.makedirs(f"{self.root}/inbox/{chain}/warm")
        shutil.copy(photo, f"{self.root}/inbox/{chain}/warm/")
        self.wait("the first image", lambda: self.is_done(f"{chain}/warm", 1))

    def drop(self, chain, photos, name="set"):
        """Copy @photos to this file system, then let them appear in the inbox as one folder."""
        os.makedirs(f"{self.work}/{name}")
        for photo in photos:
            shutil.copy(photo, f"{self.work}/{name}/")
        os.sync()
        folder = f"{chain}/{name}"
        os.makedirs(f"{self.root}/inbox/{chain}", exist_ok=True)
        before = self.cpu_seconds()
        began = time.time()
        os.rename(f"{self.work}/{name}", f"{self.root}/inbox/{folder}")
        self.wait(f"{len(photos)} images", lambda: self.is_done(folder, len(photos)))
        cpu = self.cpu_since(before)
        elapsed = [us / 1e6 for us, in self.query("elapsed_us FROM file", folder)]
        return Drop(began, self.facts(folder), elapsed, cpu)

    def results(self, chain, name="set"):
        return f"{self.root}/outbox/{chain}/{name}"
