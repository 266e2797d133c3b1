#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# The engine alone, without images: start, empty tasks a second through rank 0, 5 ms and 0.5 ms tasks
# against plain threads, and what idle ranks cost. Bars: design/ENGINE.md, "Figures to reach".
#
#   engine.py FAKE_WORKER [idle seconds]      (built from tests/bench/fake_worker.c)
import os
import select
import subprocess
import sys
import time

from share import cpu_clock

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
from engine_session import Session, task_line  # noqa: E402


def pump(connection, lines, count):
    """Send lines and read until count results have come; never let either side wait."""
    connection.setblocking(False)
    sent, results, kept = 0, 0, b""
    while results < count:
        wanted = [connection] if sent < len(lines) else []
        readable, writable, _ = select.select([connection], wanted, [])
        if writable:
            sent += connection.send(lines[sent:sent + (1 << 17)])
        if readable:
            chunk = connection.recv(1 << 16)
            assert chunk, "the job ended"
            chunk = kept + chunk
            cut = chunk.rfind(b"\n") + 1
            results += chunk[:cut].count(b"result\t")
            kept = chunk[cut:]
    connection.setblocking(True)


def run_tasks(worker, ranks, threads, count, chain, env):
    """Seconds from the first task sent to the last result read; and of the start."""
    lines = "".join(task_line(i + 1, chain) for i in range(count)).encode()
    with Session(worker, ranks, threads, env) as session:
        session.accept()
        started = time.monotonic() - session.began
        begin = time.monotonic()
        pump(session.connection, lines, count)
        taken = time.monotonic() - begin
        assert session.bye() == 0
        return taken, started


def bare(worker, threads, count, us, env):
    out = subprocess.run([worker, "--bare", str(threads), str(count), str(us)], check=True,
                         capture_output=True, text=True, env=dict(os.environ, **env)).stdout.split()
    return float(out[0]), out[1]


def idle(worker, ranks, seconds):
    with Session(worker, ranks, 1) as session:
        session.accept()
        session.send(task_line(1, "copy"))
        session.wait("result")
        time.sleep(0.2)
        pids = session.ranks()
        before = [cpu_clock(pid) for pid in pids]
        time.sleep(seconds)
        shares = [100 * (cpu_clock(pid) - b) / seconds for pid, b in zip(pids, before)]
        print(f"idle, {ranks} ranks: " + " ".join(f"{share:.2f}" for share in shares)
              + " % of a core each")
        assert session.bye() == 0


def compare(worker, ranks, threads, us, count, env):
    best = 0.0
    for _ in range(3):
        reference = min(bare(worker, ranks * threads, count, us, env)[0] for _ in range(2))
        taken, _ = run_tasks(worker, ranks, threads, count, f"spin-{us}", env)
        best = max(best, reference / taken)
    print(f"{us / 1000} ms tasks, {ranks} ranks x {threads} threads: {best:.3f} of plain threads")


def main():
    worker = os.path.abspath(sys.argv[1])
    idle_seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    env = {"SPIN_ROUNDS_PER_US": bare(worker, 1, 10, 100, {})[1]}
    for ranks in (1, 3):
        count = 200000
        taken, started = run_tasks(worker, ranks, 1, count, "copy", env)
        print(f"{ranks} ranks: hello after {started * 1000:.0f} ms; empty tasks: {count / taken:.0f}/s",
              flush=True)
    for us, count in ((5000, 800), (500, 8000)):
        compare(worker, 1, 2, us, count, env)
        compare(worker, 2, 1, us, count, env)
    for ranks in (1, 3):
        idle(worker, ranks, idle_seconds)


if __name__ == "__main__":
    main()
