# SPDX-License-Identifier: MIT
"""pictures_driver.c, which is the page without HTTP, and dropmill-worker --alone."""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [f"{HERE}/../lib", f"{HERE}/../hostile"]
from bombs import bombs  # noqa: E402
from photos import photo  # noqa: E402
from tap import Tap  # noqa: E402

import cv2  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
WORKER = f"{BUILD}/dropmill-worker"
PATIENCE_S = 60

# A worker that says hello, and dies of every task; or of nothing but being started.
FAKE = """#!/bin/sh
case "$*" in
*--alone*) exec /usr/bin/python3 -c '
import socket, os, sys
if sys.argv[1] == "starts":
    watcher = socket.socket(fileno=0)
    watcher.sendall(b"hello\\tversion=1\\tprogram=fake\\tpid=1\\tranks=1\\tthreads=1\\thost=x\\tremark=\\n")
    watcher.recv(100000)
    os.kill(os.getpid(), 9)
sys.exit("it is of no use")' {how} ;;
esac
exec {worker} "$@"
"""


class Page:
    """The driver; answers by number."""

    def __init__(self, folder, worker=WORKER, **options):
        self.folder, self.asked, self.answers = folder, 0, {}
        words = [f"{name}={value}" for name, value in options.items()]
        self.process = subprocess.Popen(
            [f"{BUILD}/tests/e2e/pictures_driver", f"worker={worker}", f"dir={folder}/state", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(f"{folder}/log", "a"), text=True)

    def say(self, *words):
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the driver is gone")
        words = line.rstrip("\n").split("\t")
        if words[0].isdigit():
            self.answers[int(words[0])] = words[1:]
        return words

    def ask(self, *words):
        self.say(*words)
        self.asked += 1
        return self.asked

    def answer(self, number):
        while number not in self.answers:
            self.read()
        return self.answers[number]

    def thumb(self, row, name, generation=1, out=None):
        return self.ask("thumb", row, generation, f"{self.folder}/outbox", name, *([out] if out else []))

    def status(self):
        self.say("status")
        while (words := self.read())[0] != "status":
            pass
        return dict(zip(("pid", "up", "waiting", "starts", "deaths", "made", "problem"),
                        [int(word) for word in words[1:7]] + words[7:]))

    def wait(self, reached):
        end = time.monotonic() + PATIENCE_S
        while not reached(status := self.status()):
            if time.monotonic() > end:
                raise AssertionError(f"after {PATIENCE_S} s: {status}")
        return status

    def close(self):
        self.process.stdin.close()
        return self.process.wait(PATIENCE_S)


def field_of(pid, name):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(line.split()[1:] for line in file if line.startswith(name + ":"))


def family(pid):
    """Its children and theirs, by their names."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = [int(word) for word in file.read().split()]
    found = []
    for child in children:
        found += [(child, field_of(child, "Name")[0]), *family(child)]
    return found


def gone(pids):
    end = time.monotonic() + PATIENCE_S
    while any(os.path.exists(f"/proc/{pid}") and field_of(pid, "State")[0] != "Z" for pid in pids):
        if time.monotonic() > end:
            return False
    return True


def sizes(path):
    image = cv2.imread(path)
    return image is not None and (image.shape[1], image.shape[0])


def check_comes(tap, page, folder):
    tap.test("nothing is started before somebody asks", page.status()["starts"] == 0)
    tap.test("a thumbnail comes", page.answer(page.thumb(1, "a.jpg", out=f"{folder}/t.jpg"))[0] == "made")
    tap.test("320 px wide", sizes(f"{folder}/t.jpg") == (320, 240))
    made = page.status()["made"]
    tap.test("once made it is kept", page.answer(page.thumb(1, "a.jpg"))[0] == "made" and page.status()["made"] == made)
    answer = page.answer(page.ask("preview", "anna", "whole", "Resize 400 then sharpen", "4000x3000",
                                  f"{folder}/outbox/a.jpg", f"{folder}/p.jpg"))
    tap.test("a preview comes, and how large the result will be", answer[0] == "made" and answer[2:4] == ["400x300", "exact"],
             [answer])
    tap.test("as large as it says", sizes(f"{folder}/p.jpg") == (400, 300))
    answer = page.answer(page.ask("preview", "anna", "file", "rotate-90", "0x0", f"{folder}/scan.tif", f"{folder}/p.jpg"))
    tap.test("of a file that no browser opens, too", answer[2:4] == ["300x400", "exact"] and sizes(f"{folder}/p.jpg") == (300, 400),
             [answer])
    answer = page.answer(page.ask("preview", "anna", "whole", "rotat-90", "4000x3000", f"{folder}/outbox/a.jpg"))
    tap.test("a chain that is not understood is said", answer[0] == "chain" and "rotate-90" in answer[-1], [answer])
    answer = page.answer(page.thumb(2, "../secret.jpg"))
    tap.test("nothing above the outbox", answer[0] != "made", [answer])
    os.symlink(f"{folder}/secret.jpg", f"{folder}/outbox/link.jpg")
    answer = page.answer(page.thumb(3, "link.jpg"))
    tap.test("no link is followed", answer[0] != "made", [answer])


def check_jail(tap, page):
    status = page.status()
    pid = status["pid"]
    sandboxes = [child for child, name in family(pid) if name == "dm-sandbox"]
    probed = subprocess.run([WORKER, "--probe-jail"], capture_output=True, text=True, check=True).stdout
    held = "2" if "seccomp" in probed else "0"
    tap.test("it decodes in a sandbox", len(sandboxes) == 1, [family(pid)])
    tap.test("which is held by what the kernel offers", [field_of(box, "Seccomp")[0] for box in sandboxes] == [held])
    tap.test("and has no way out but its socket",
             [link for box in sandboxes for link in os.listdir(f"/proc/{box}/fd")] == ["0", "1", "2"])
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        nice = file.read().rpartition(")")[2].split()[16]
    tap.test("it is nicer than others", nice == str(min(os.nice(0) + 10, 19)), [nice])
    tap.test("and starts no MPI", not any("openmpi" in name or "ompi" in name for name in os.listdir(f"{page.folder}/state")))


def check_dies(tap, page):
    pid = page.status()["pid"]
    os.kill(pid, signal.SIGSTOP)  # so that it is in the middle
    first, second = page.thumb(10, "b.jpg"), page.thumb(11, "c.jpg")
    page.status()
    os.kill(pid, signal.SIGKILL)
    tap.test("killed in the middle: the picture comes all the same", page.answer(first)[0] == "made", [page.answers])
    tap.test("and the next", page.answer(second)[0] == "made", [page.answers])
    status = page.status()
    tap.test("by another one", status["deaths"] == 1 and status["starts"] == 2 and status["pid"] != pid, [status])
    tap.test("nothing is wrong any more", status["problem"] == "", [status])


def check_hostile(tap, page, folder):
    before = page.status()
    with open(f"{folder}/outbox/a.jpg", "rb") as file:
        small = file.read()
    files = {**bombs(folder, small), "empty": b"", "text": b"not a picture", "half.jpg": small[:len(small) // 2]}
    asked = {}
    for row, (name, data) in enumerate(sorted(files.items()), 1000):
        with open(f"{folder}/outbox/{row}", "wb") as file:
            file.write(data)
        asked[name] = page.thumb(row, row)
        page.answer(asked[name])  # one by one: no more than some may wait
    answers = {name: page.answer(number) for name, number in asked.items()}
    strange = [(name, *answer) for name, answer in answers.items() if answer[0] not in ("made", "failed")]
    reasons = [answer for answer in answers.values() if answer[0] == "failed" and answer[1] == "none"]
    tap.test(f"{len(answers)} hostile files: each is made, or failed", not strange, strange)
    tap.test("with a reason", not reasons and sum(answer[0] == "failed" for answer in answers.values()) > 5, reasons)
    after = page.status()
    tap.test("none of them killed it", (after["pid"], after["deaths"]) == (before["pid"], before["deaths"]), [after])
    answer = page.answer(page.ask("preview", "eve", "file", "gray", "0x0", f"{folder}/outbox/1003"))
    tap.test("nor does one as a preview", answer[0] in ("made", "failed") and page.status()["pid"] == before["pid"], [answer])
    answer = page.answer(page.ask("preview", "eve", "whole", "gray", "400x300", f"{folder}/outbox/a.jpg"))
    tap.test("and the next picture comes", answer[0] == "made", [answer])


def check_end(tap, folder):
    page = Page(folder, idle_ms=100)
    page.answer(page.thumb(1, "a.jpg"))
    pids = [page.status()["pid"]]
    pids += [child for child, _ in family(pids[0])]
    status = page.wait(lambda status: status["pid"] == 0)
    tap.test("without work it ends", status["deaths"] == 0, [status])
    tap.test("with all that it started", gone(pids))
    page.answer(page.thumb(2, "b.jpg"))
    tap.test("and starts again when somebody asks", page.status()["starts"] == 2, [page.status()])
    tap.test("the page ends in order", page.close() == 0)
    tap.test("and leaves no file", os.listdir(f"{folder}/state") == [])

    page = Page(folder)
    page.answer(page.thumb(1, "a.jpg"))
    pid = page.status()["pid"]
    pids = [pid, *(child for child, _ in family(pid))]
    page.process.kill()
    page.process.wait()
    tap.test("it dies with the page", gone(pids))


def check_useless(tap, folder):
    for how, expected in (("starts", "failed worker-crash"), ("never", "trouble internal")):
        fake = f"{folder}/fake-{how}"
        with open(fake, "w", encoding="utf-8") as file:
            file.write(FAKE.format(how=how, worker=WORKER))
        os.chmod(fake, 0o755)
        page = Page(folder, worker=fake)
        answer = page.answer(page.thumb(1, "a.jpg"))
        status = page.status()
        tap.test(f"a worker that {'dies of everything' if how == 'starts' else 'never starts'}: it is said",
                 " ".join(answer[:2]) == expected, [answer])
        tap.test("and not tried for ever", status["starts"] == (2 if how == "starts" else 1), [status])
        tap.test("the reason is kept", "use" in answer[-1] if how == "never" else "twice" in answer[-1], [answer])
        page.close()


def alone():
    """A worker by itself, and our end of its socket, after its hello."""
    ours, its = socket.socketpair()
    ours.settimeout(PATIENCE_S)
    process = subprocess.Popen([WORKER, "--alone", "--threads", "1"], stdin=its, stderr=subprocess.PIPE, text=True)
    its.close()
    return process, ours, ours.recv(65536)


def check_alone(tap):
    process, ours, hello = alone()
    tap.test("by itself: it says hello", hello.startswith(b"hello\tversion=1\t") and b"\tthreads=1\t" in hello, [hello])
    sockets = [os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.pid}/fd")]
    with open(f"/proc/{process.pid}/net/tcp", encoding="ascii") as file:
        ports = [line for line in file if any(name[8:-1] == line.split()[9] for name in sockets if name.startswith("socket:"))]
    tap.test("and opens no port", not ports, ports)
    ours.sendall(b"bye\n")
    tap.test("told to end, it says so and ends", ours.recv(100) == b"bye\n" and process.wait(PATIENCE_S) == 0)
    process, ours, _ = alone()
    ours.close()
    tap.test("hung up on, it ends", process.wait(PATIENCE_S) != 0 and "closed" in process.stderr.read())
    refused = subprocess.run([WORKER, "--alone"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    tap.test("without a socket it says what it wants", refused.returncode == 69 and "no socket" in refused.stderr, [refused.stderr])
    refused = subprocess.run([WORKER, "--alone", "--catalogue"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    tap.test("it is one thing", refused.returncode == 64 and "--alone" in refused.stderr)


def make_files(folder):
    os.mkdir(f"{folder}/outbox")
    for number, name in enumerate(("outbox/a.jpg", "outbox/b.jpg", "outbox/c.jpg", "secret.jpg", "scan.tif")):
        cv2.imwrite(f"{folder}/{name}", photo(400, 300, number))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="dm.") as folder:
        make_files(folder)
        page = Page(folder)
        check_alone(tap)
        check_comes(tap, page, folder)
        check_jail(tap, page)
        check_dies(tap, page)
        check_hostile(tap, page, folder)
        page.close()
        check_end(tap, folder)
        check_useless(tap, folder)
    return tap.done()


sys.exit(main())
