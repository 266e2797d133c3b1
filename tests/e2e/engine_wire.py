#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# One worker session from the watcher's side, over the wire: order and disorder. TAP on stdout.
#
#   engine_wire.py WORKER    a dropmill-worker, or tests/bench/fake_worker.c (then also what only a
#                            worker without images can do: crash, hang and spin on demand)
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, f"{os.path.dirname(os.path.abspath(__file__))}/../lib")
import png  # noqa: E402
from engine_session import Session, task_line  # noqa: E402
from tap import Tap  # noqa: E402

WORKER = os.path.abspath(sys.argv[1])
FAKE = "fake" in os.path.basename(WORKER)
GONE_SECONDS = 2
SHARE = tempfile.mkdtemp(prefix="dm-wire-share-")


def gray_ramp(side):
    """A square picture."""
    row = b"\0" + bytes(x % 256 for x in range(side))
    return png.png((side, side), zlib.compress(row * side, 1))


def task(number, chain, side=64):
    """A task line; for the real worker with a picture to go with it."""
    if FAKE:
        return task_line(number, chain)
    name = f"in/{side}.png"
    path = f"{SHARE}/{name}"
    if not os.path.exists(path):
        for directory in ("in", "out"):
            os.makedirs(f"{SHARE}/{directory}", exist_ok=True)
        with open(path, "wb") as file:
            file.write(gray_ramp(side))
    stat = os.stat(path)
    birth = int(subprocess.run(["stat", "-c", "%.9W", path], capture_output=True, text=True,
                               check=True).stdout.strip().replace(".", ""))
    return task_line(number, chain, stat.st_size, input_root=SHARE, input=name, output_root=SHARE,
                     temp=f"out/.dropmill-{number}-1.tmp", ino=stat.st_ino, dev=stat.st_dev,
                     btime=birth, mtime=stat.st_mtime_ns, ctime=stat.st_ctime_ns)


def long_task(number):
    """A task that takes some tenths of a second."""
    return task(number, "spin-300000") if FAKE else task(number, "blur-20_invert", 5000)


def check(value, expected, what):
    if value != expected:
        raise AssertionError(f"{what}: {value!r}, expected {expected!r}")


def check_gone(session):
    if session.wait_gone(GONE_SECONDS) is None:
        raise AssertionError(f"still there after {GONE_SECONDS} s: {session.ranks()}")


# ---- order

def orderly(ranks, threads, count=120):
    with Session(WORKER, ranks, threads) as session:
        hello = session.accept()
        check((hello["ranks"], hello["threads"]), (str(ranks), str(ranks * threads)), "hello")
        session.send("".join(task(i + 1, "invert") for i in range(count)))
        results = session.wait("result", count)
        check(sorted(int(r["id"]) for r in results), list(range(1, count + 1)), "ids")
        check({r["status"] for r in results}, {"done"}, "status")
        check({r["host"] for r in results}, {hello["host"]}, "host")
        check({int(r["rank"]) for r in results}, set(range(ranks)), "ranks that worked")
        check(sorted(int(e["id"]) for e in session.of("event")), list(range(1, count + 1)), "starts")
        begun = set()
        for verb, fields in session.lines:
            if verb == "event":
                begun.add(fields["id"])
            elif verb == "result" and fields["id"] not in begun:
                raise AssertionError(f"result {fields['id']} before its start")
        check(session.bye(), 0, "exit code")
        check(session.process.stdout.read(), b"", "stdout")
        check(session.stderr(), "", "stderr")


def one_rank():
    orderly(1, 2)


def three_ranks_of_two_threads():
    orderly(3, 2)


def again_and_again_when_warm():
    with Session(WORKER, 2, 1) as session:
        session.accept()
        for i in range(1, 6):
            session.wait_idle(3 * i)
            begin = time.monotonic()
            session.send(task(i, "invert"))
            session.wait("result", i)
            if time.monotonic() - begin > 0.5:
                raise AssertionError("a warm session took more than 0.5 s for a small task")
        check(session.bye(), 0, "exit code")


def bye_waits_for_what_was_asked():
    with Session(WORKER, 2, 1) as session:
        session.accept()
        session.send("".join(task(i + 1, "invert") for i in range(50)) + "bye\n")
        session.wait("bye")
        check(len(session.of("result")), 50, "results before bye")
        check(session.process.wait(15), 0, "exit code")
        check_gone(session)


def bye_at_once():
    with Session(WORKER, 3, 1) as session:
        session.accept()
        check(session.bye(), 0, "exit code")


def start_is_told_while_the_task_runs():
    with Session(WORKER, 2, 1) as session:
        session.accept()
        session.send(long_task(1))
        session.wait("event", timeout=1)
        check(session.of("result"), [], "results at the time of the start")
        session.wait("result", timeout=60)


# ---- disorder

def bad_lines_end_the_job():
    for line in ("tusk\tid=1\n", "task\tid=1\n", "task\tid=eleven\tattempt=1\n", "\n"):
        with Session(WORKER, 2, 1) as session:
            session.accept()
            session.send(line)
            check_gone(session)
            check(session.process.wait(), 70, f"exit code after {line!r}")
            if "dropmill-worker: error: " not in session.stderr() and not FAKE:
                raise AssertionError(f"no error said: {session.stderr()}")


def nobody_listens():
    with Session(WORKER, 2, 1, listen=False) as session:
        check(session.process.wait(15), 69, "exit code")
        if session.path not in session.stderr():
            raise AssertionError(f"socket not named: {session.stderr()}")


def given_up_job_does_not_start():
    import fcntl
    with Session(WORKER, 1, 1, listen=False) as session:
        pass
    directory = tempfile.mkdtemp(prefix="dm-wire-")
    with open(f"{directory}/alive", "w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        done = subprocess.run([WORKER, "--session", f"{directory}/socket"], capture_output=True,
                              text=True, check=False)
    os.remove(f"{directory}/alive")
    os.rmdir(directory)
    check(done.returncode, 75, "exit code")


def with_running_tasks(harm, ranks=3):
    """Start long tasks everywhere, do harm, see that all is gone in time."""
    with Session(WORKER, ranks, 1) as session:
        session.accept()
        session.send("".join(long_task(i + 1) for i in range(40)))
        session.wait("event", ranks)
        harm(session)
        check_gone(session)
        return session.stderr()


def closed_socket():
    with_running_tasks(lambda session: session.connection.close())


def closed_socket_when_idle():
    with Session(WORKER, 3, 1) as session:
        session.accept()
        session.connection.close()
        check_gone(session)


def killed_rank_0():
    with_running_tasks(lambda session: os.kill(session.rank_pids()[0], signal.SIGKILL))


def killed_rank_2():
    with_running_tasks(lambda session: os.kill(session.rank_pids()[2], signal.SIGKILL))


def killed_mpirun():
    with_running_tasks(lambda session: session.process.kill())


def terminated_mpirun():
    with_running_tasks(lambda session: session.process.terminate())


def crash_is_explained(chain, name, rank_count):
    for _ in range(3):
        with Session(WORKER, rank_count, 2) as session:
            session.accept()
            session.send("".join(task_line(i, "spin-2000") for i in range(1, 31)))
            session.wait("result", 10)
            session.send(task_line(4711, chain, deadline_ms=150))
            check_gone(session) if name != "TIMEOUT" else session.process.wait(5)
            lines = [line for line in session.stderr().splitlines() if line.startswith("crash ")]
            check(lines, [f"crash {name} 4711 1"], "crash lines")


def crashes_are_explained():
    for chain, name in (("segv", "SIGSEGV"), ("abort", "SIGABRT"), ("overflow", "SIGSEGV"),
                        ("hang", "TIMEOUT")):
        for rank_count in (1, 3):
            crash_is_explained(chain, name, rank_count)


def usage_is_explained():
    for words in ([], ["--nonsense"], ["--session"], ["--catalogue", "more"], ["--session", "x", "--threads", "-1"]):
        done = subprocess.run([WORKER, *words], capture_output=True, text=True, check=False)
        check(done.returncode, 64, f"exit code of {words}")
        check(done.stdout, "", "stdout")
        if "--session" not in done.stderr:
            raise AssertionError(f"no usage: {done.stderr}")
    for word in ("--help", "--version", "--catalogue"):
        done = subprocess.run([WORKER, word], capture_output=True, text=True, check=False)
        check((done.returncode, done.stderr), (0, ""), word)
        if "worker" not in done.stdout and "blur" not in done.stdout:
            raise AssertionError(f"{word} said: {done.stdout}")


TESTS = [one_rank, three_ranks_of_two_threads, again_and_again_when_warm,
         bye_waits_for_what_was_asked, bye_at_once, start_is_told_while_the_task_runs,
         bad_lines_end_the_job, nobody_listens, given_up_job_does_not_start, closed_socket,
         closed_socket_when_idle, killed_rank_0, killed_rank_2, killed_mpirun, terminated_mpirun]
TESTS += [crashes_are_explained] if FAKE else [usage_is_explained]


def main():
    tap = Tap()
    for test in TESTS:
        tap.call(test.__name__.replace("_", " "), test)
    shutil.rmtree(SHARE, ignore_errors=True)
    return tap.done()


if __name__ == "__main__":
    sys.exit(main())
