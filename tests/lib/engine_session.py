# SPDX-License-Identifier: MIT
"""The watcher's side of one worker session, for tests and measurements: a UNIX socket, mpirun, lines."""
import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

POLL_SECONDS = 0.002

MPIRUN = ("mpirun --mca pml ob1 --mca btl self,vader --mca plm isolated --oversubscribe"
          " --bind-to none --mca odls_base_sigkill_timeout 0"
          " --mca orte_abort_on_non_zero_status 1").split()


# A rank that is alone is started by itself; several get a network in which nobody else is.
ALONE = {"OMPI_MCA_ess_singleton_isolated": "1", "OMPI_MCA_pml": "ob1", "OMPI_MCA_btl": "self"}
OWN_NETWORK = ["unshare", "--map-current-user", "--net", "sh", "-c",
               "ip link set lo up; exec \"$@\"", "sh"]


def task_line(number, chain, size=0, deadline_ms=60000, **more):
    fields = {"id": number, "attempt": 1, "chain": chain, "input_root": "/nowhere",
              "input": f"{chain}/{number}.jpg", "output_root": "/nowhere",
              "temp": f"{chain}/.dropmill-{number}-1.tmp", "size": size, "max_bytes": 1 << 30,
              "max_pixels": 1 << 30, "deadline_ms": deadline_ms, "sync": 0} | more
    return "task\t" + "\t".join(f"{key}={value}" for key, value in fields.items()) + "\n"


def parse(line):
    verb, *pairs = line.split("\t")
    return verb, dict(pair.split("=", 1) for pair in pairs)


def processes_with(text):
    """Pids of living (not zombie) processes whose command line holds text."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if text.encode() in file.read():
                    found.append(int(name))
        except OSError:
            pass
    return found


def naps(pid):
    """How often the main thread of a process went to sleep by itself."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt"))


class Session:
    """One job of worker: mpirun, or with alone=True the one rank itself; prefix: words before it.
    Lines as (verb, fields) in self.lines."""

    def __init__(self, worker, ranks=1, threads=1, env=None, listen=True, alone=False, prefix=()):
        self.directory = tempfile.mkdtemp(prefix="dm-wire-")
        self.path = f"{self.directory}/socket"
        self.lines, self.rest, self.closed = [], b"", False
        self.connection = None
        open(f"{self.directory}/alive", "w").close()
        self.listener = socket.socket(socket.AF_UNIX)
        if listen:
            self.listener.bind(self.path)
            self.listener.listen(1)
        mpirun = MPIRUN + ["--mca", "btl_vader_backing_directory", self.directory, "-n", str(ranks)]
        environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", TMPDIR=self.directory,
                           OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", **(ALONE if alone else {}),
                           **(env or {}))
        self.stderr_path = f"{self.directory}/stderr"
        self.began = time.monotonic()
        with open(self.stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                [*prefix, *([] if alone else mpirun), worker, "--session", self.path, "--threads",
                 str(threads), "--memory", "0"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, env=environment)

    def accept(self, timeout=15):
        self.listener.settimeout(timeout)
        self.connection, _ = self.listener.accept()
        return self.wait("hello", timeout=timeout)[0]

    def send(self, text):
        self.connection.sendall(text.encode())

    def read(self, timeout):
        """Take what is there; False when nothing came in time or all is said."""
        ready, _, _ = select.select([self.connection], [], [], max(timeout, 0))
        if not ready:
            return False
        try:
            chunk = self.connection.recv(1 << 20)
        except ConnectionResetError:
            chunk = b""
        self.closed = chunk == b""
        *whole, self.rest = (self.rest + chunk).split(b"\n")
        self.lines += [parse(line.decode()) for line in whole]
        return not self.closed

    def of(self, verb):
        return [fields for name, fields in self.lines if name == verb]

    def wait(self, verb, count=1, timeout=15):
        """Read until count lines of verb have come; give them all, or fail."""
        end = time.monotonic() + timeout
        while len(self.of(verb)) < count:
            if not self.read(end - time.monotonic()):
                raise AssertionError(f"{len(self.of(verb))} of {count} {verb} lines came"
                                     f"{' before the end' if self.closed else ''}: {self.stderr()}")
        return self.of(verb)

    def ranks(self):
        return [pid for pid in processes_with(self.path) if pid != self.process.pid]

    def rank_pids(self):
        """Pid of each rank, by rank; its zygote and sandboxes have names of their own."""
        found = {}
        for pid in self.ranks():
            with open(f"/proc/{pid}/comm") as file:
                if file.read().startswith("dm-"):
                    continue
            with open(f"/proc/{pid}/environ", "rb") as file:
                for pair in file.read().split(b"\0"):
                    if pair.startswith(b"OMPI_COMM_WORLD_RANK="):
                        found[int(pair.split(b"=")[1])] = pid
        return found

    def wait_idle(self, looks, timeout=15):
        """Until the last rank, which sleeps longer after each look at nothing, has looked so often."""
        pid = max(self.rank_pids().items())[1]
        end = time.monotonic() + timeout
        aim = naps(pid) + looks
        while naps(pid) < aim:
            if time.monotonic() > end:
                raise AssertionError(f"rank {pid} has not gone to sleep {looks} times in {timeout} s")
            time.sleep(POLL_SECONDS)

    def wait_gone(self, timeout):
        """Seconds until mpirun and all ranks are gone and `alive` is free; None: not in time."""
        begin = time.monotonic()
        while time.monotonic() < begin + timeout:
            if self.process.poll() is not None and not self.ranks() and self.alive_is_free():
                return time.monotonic() - begin
            time.sleep(POLL_SECONDS)
        return None

    def alive_is_free(self):
        with open(f"{self.directory}/alive") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def stderr(self):
        with open(self.stderr_path, errors="replace") as file:
            return file.read()

    def bye(self, timeout=15):
        """End the session in order; the exit code of mpirun."""
        self.send("bye\n")
        self.wait("bye", timeout=timeout)
        return self.process.wait(timeout)

    def close(self):
        for pid in self.ranks() + [self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process.stdout.close()
        self.listener.close()
        if self.connection is not None:
            self.connection.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
