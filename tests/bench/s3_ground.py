# SPDX-License-Identifier: MIT
"""What bench_s3.py measures on: a gateway of Ceph with an empty store, thrown away after each run, and an
outbox whose results the ledger has yet to send.
"""
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PORT, DELAYED_PORT = 7580, 7581
KEY, SECRET = "AKIDROPMILLTEST", "secret/of+the-test"  # tests/lib/rgw.sh
FOLDER = "copy/set"  # below the outbox

START = """\
. {here}/../lib/rgw.sh
WORK={work}
wait_for() {{
    shift
    for ((i = 0; i < 600; i++)); do "$@" && return; sleep 0.1; done
}}
start_ceph && start_gateway {port} {lines} && make_bucket {port} bench
"""


def wait(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds} s for {what}")
        time.sleep(0.01)


def pids_below(work):
    """Of daemons that keep their files there."""
    for folder, _, names in os.walk(f"{work}/ceph"):
        for name in names:
            if name.endswith(".pid"):
                with contextlib.suppress(OSError, ValueError), open(f"{folder}/{name}", encoding="utf-8") as file:
                    yield int(file.read())


@contextlib.contextmanager
def gateway(lines=(), latency_ms=0, proxy=None):
    """An empty bucket "bench"; what it yields is the address. @proxy: the program that delays."""
    work = tempfile.mkdtemp(prefix="dms.", dir="/tmp")
    delaying = None
    try:
        script = START.format(here=HERE, work=work, port=PORT, lines=" ".join(f"'{line}'" for line in lines))
        subprocess.run(["bash", "-c", script], check=True, stdout=subprocess.DEVNULL)
        if latency_ms:
            delaying = subprocess.Popen([proxy, str(DELAYED_PORT), str(PORT), str(latency_ms // 2)])
        yield f"http://127.0.0.1:{DELAYED_PORT if latency_ms else PORT}"
    finally:
        if delaying:
            delaying.kill()
            delaying.wait()
        pids = list(pids_below(work))
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait("Ceph to end", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))
        shutil.rmtree(work)


@contextlib.contextmanager
def sink(program, delay_ms):
    """A server that costs nothing and keeps nothing; what it yields is the address."""
    process = subprocess.Popen([program, str(PORT), str(delay_ms)])
    try:
        yield f"http://127.0.0.1:{PORT}"
    finally:
        process.kill()
        process.wait()


class Outbox:
    """A share with @count results of @size bytes in its outbox, and the state of a daemon that has yet to send
    them, and so many more, up to @rows, that are not there any more."""

    def __init__(self, build, work, count, size, rows=0):
        self.build, self.work, self.count, self.size = build, work, count, size
        self.rows = max(rows, count)
        self.root = f"{work}/share"
        self.source = f"{self.root}/outbox/{FOLDER}"
        subprocess.run([f"{build}/dropmill", "setup", "--bare", self.root], check=True, stdout=subprocess.DEVNULL)
        with open(f"{self.root}/.dropmill/root.id", encoding="utf-8") as file:
            self.name = file.read().strip()
        os.makedirs(self.source)
        for i in range(count):
            with open(f"{self.source}/{i:06}.jpg", "wb") as file:
                self.fill(file)
        with self.daemon(""):
            pass
        self.queue()

    def fill(self, file):
        for _ in range(0, self.size, 1 << 20):
            file.write(os.urandom(min(self.size, 1 << 20)))
        file.truncate(self.size)

    def queue(self):
        """Let the ledger say that all wait."""
        with contextlib.closing(sqlite3.connect(f"{self.work}/state/{self.name}/ledger.db")) as ledger, ledger:
            ledger.executemany("INSERT INTO upload(path, bytes, since_utc_us) VALUES (?, ?, 1)",
                               ((f"{FOLDER}/{i:06}.jpg".encode(), self.size) for i in range(self.rows)))
        shutil.copytree(f"{self.work}/state", f"{self.work}/unsent")

    def forget(self):
        """As if nothing had been sent."""
        shutil.rmtree(f"{self.work}/state")
        shutil.copytree(f"{self.work}/unsent", f"{self.work}/state")
        os.sync()

    @contextlib.contextmanager
    def daemon(self, settings):
        """Runs while the context is open; what it yields is its process."""
        with open(f"{self.work}/conf", "w", encoding="utf-8") as file:
            file.write(f'state_dir = "{self.work}/state";\nruntime_dir = "{self.work}/run";\n'
                       f'log_level = "warning";\n{settings}\n')
        os.chmod(f"{self.work}/conf", 0o600)
        with open(f"{self.work}/log", "ab") as log:
            process = subprocess.Popen([f"{self.build}/dropmilld", "--share", self.root, "--config",
                                        f"{self.work}/conf"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait("the daemon", self.listens)
            yield process
        finally:
            process.terminate()
            process.wait()

    def listens(self):
        """Whether a daemon does; one that was killed leaves its socket."""
        with socket.socket(socket.AF_UNIX) as control:
            return control.connect_ex(f"{self.work}/run/{self.name}/control.sock") == 0

    def wait_count(self, least):
        """Until so many are sent."""
        with contextlib.closing(sqlite3.connect(f"file:{self.work}/state/{self.name}/ledger.db?mode=ro",
                                                uri=True, timeout=10)) as ledger:
            query = "SELECT count(*) FROM (SELECT 1 FROM upload WHERE state = 2 LIMIT ?)"
            wait(f"{least} results", lambda: ledger.execute(query, (least,)).fetchone()[0] >= least)

    def wait_sent(self):
        subprocess.run([f"{self.build}/dropmill", "--share", self.root, "--config", f"{self.work}/conf", "--quiet",
                        "s3", "wait"], check=True)
