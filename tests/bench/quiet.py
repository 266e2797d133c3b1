# SPDX-License-Identifier: MIT
"""Whether the machine was ours while something was measured; other people may work on it too.

Used by bench.py: a run during which others took more than TOLERATED of the cores' time does not
count and is done again, while patience lasts.
"""
import os
import time

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()
TOLERATED = 0.04  # of all cores; the kernel and this script's own bookkeeping are about 0.01


def busy_seconds():
    """CPU time of everything on this machine, and what its host took from it."""
    with open("/proc/stat", encoding="utf-8") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def own_seconds():
    return sum(os.times()[:4])  # of this process and all that it has waited for


class Watch:
    """What others take from now on."""

    def __init__(self):
        self.begin = time.monotonic(), busy_seconds(), own_seconds()

    def share(self):
        """Of the time of all cores."""
        wall, busy, own = self.begin
        others = (busy_seconds() - busy) - (own_seconds() - own)
        return max(0, others) / ((time.monotonic() - wall) * CORES)


class Patience:
    """How long, in all, we wait for others or do again what they disturbed."""

    def __init__(self, seconds):
        self.left = seconds

    def wait(self):
        """Until others are quiet for half a second."""
        while self.left > 0:
            watch, begin = Watch(), time.monotonic()
            time.sleep(0.5)
            if watch.share() <= TOLERATED:
                return
            self.left -= time.monotonic() - begin

    def undisturbed(self, action):
        """(what @action returns, the share that others took) of a quiet run, or the quietest."""
        best = None
        while best is None or (best[1] > TOLERATED and self.left > 0):
            self.wait()
            watch, begin = Watch(), time.monotonic()
            result = action()
            share = watch.share()
            if best is not None or share > TOLERATED:
                self.left -= time.monotonic() - begin
            if best is None or share < best[1]:
                best = result, share
        return best
