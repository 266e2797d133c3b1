#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""A picture of the Grafana dashboard with real data, where there is no Grafana.

dashboard.py --build BUILD --png FILE [--speed N] [--keep FILE] [--from FILE]

A daemon and its page on a share of its own, under a load that changes for some minutes: a trickle, a rush, broken
files, a pause, the share away, a bucket (in this process) that says 503. Debian's prometheus scrapes the page. Then
each panel of packaging/prometheus/grafana/dropmill.json is drawn with what Prometheus answers to the panel's own
queries (dashboard_draw.py). --speed 4: in a quarter of the time. --keep: the answers, for --from: no daemon, draw again.
"""
import argparse
import contextlib
import glob
import hashlib
import http.server
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

from dashboard_draw import draw, key_of

HERE = os.path.dirname(os.path.abspath(__file__))
DASHBOARD = f"{HERE}/../../packaging/prometheus/grafana/dropmill.json"
PAGE, PROMETHEUS, BUCKET = 18642, 19090, 17480
SCRAPE_S = 2
WATCHING = ("gray", "resize-1600_jpeg-80", "rotate-90_resize-1200", "square-400", "median-9", "sepia_vignette")


class Bucket(http.server.BaseHTTPRequestHandler):
    """As much of S3 as a mirror asks of it."""
    protocol_version = "HTTP/1.1"
    objects, busy = {}, threading.Event()

    def reply(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuses(self):
        if self.busy.is_set():
            self.reply(503, (), b"<Error><Code>SlowDown</Code><Message>Please.</Message></Error>")
        return self.busy.is_set()

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.refuses():
            etag = f'"{hashlib.md5(body).hexdigest()}"'
            meta = {k: v for k, v in self.headers.items() if k.lower().startswith("x-amz-meta-")}
            self.objects[self.path] = {"ETag": etag, "Content-Length-Of": len(body), **meta}
            self.reply(200, {"ETag": etag})

    def do_HEAD(self):
        found = self.objects.get(self.path)
        if not self.refuses():
            self.reply(200 if found else 404, found or ())

    def do_GET(self):
        if not self.refuses():
            self.reply(200, (), b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")

    def do_DELETE(self):
        if not self.refuses():
            self.objects.pop(self.path, None)
            self.reply(204)

    def log_message(self, *_):
        """Nobody reads that."""


class Ground:
    """A share, and what works on it."""

    def __init__(self, build, work):
        self.build, self.work, self.share, self.conf = build, work, f"{work}/share", f"{work}/dropmill.conf"
        self.programs = []
        self.count = 0
        with open(self.conf, "w", encoding="ascii") as conf:
            conf.write(f'''share = "{self.share}"; state_dir = "{work}/state"; runtime_dir = "{work}/run";
inbox = {{ sweep = "5s"; settle_closed = "300ms"; settle_unseen = "300ms"; }};
page = {{ listen = "127.0.0.1:{PAGE}"; socket = "{work}/page.sock"; state_dir = "{work}/page"; }};
s3 = {{ bucket = "pictures"; endpoint = "http://127.0.0.1:{BUCKET}"; access_key_id = "key";
       secret_access_key = "secret"; }};
''')
        os.chmod(self.conf, 0o600)
        subprocess.run([f"{HERE}/../lib/photos.py", f"{work}/photos", "12", "1200", "800", "jpg"], check=True)
        subprocess.run([f"{build}/dropmill", "--config", "/dev/null", "setup", self.share], check=True,
                       stdout=subprocess.DEVNULL)

    def start(self, *command):
        with open(f"{self.work}/{os.path.basename(command[0])}.log", "ab") as log:
            self.programs.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self.work))

    def begin(self):
        bucket = http.server.ThreadingHTTPServer(("127.0.0.1", BUCKET), Bucket)
        threading.Thread(target=bucket.serve_forever, daemon=True).start()
        with open(f"{self.work}/prometheus.yml", "w", encoding="ascii") as text:
            text.write(f"global: {{ scrape_interval: {SCRAPE_S}s, scrape_timeout: {SCRAPE_S}s }}\nscrape_configs:\n"
                       f"  - {{ job_name: dropmill, metrics_path: /metrics, "
                       f"static_configs: [ {{ targets: ['127.0.0.1:{PAGE}'], labels: {{ instance: pictures }} }} ] }}\n")
        self.start(f"{self.build}/dropmilld", "--config", self.conf)
        wait_for(f"{self.work}/run", 30)
        self.start(f"{self.build}/dropmill-page", "--config", self.conf)
        self.start("prometheus", f"--config.file={self.work}/prometheus.yml", f"--storage.tsdb.path={self.work}/tsdb",
                   f"--web.listen-address=127.0.0.1:{PROMETHEUS}")

    def end(self):
        for program in reversed(self.programs):
            program.terminate()
        for program in self.programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(30)

    def ask(self, *words):
        subprocess.run([f"{self.build}/dropmill", "--share", self.share, "--config", self.conf, "--quiet", *words],
                       check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def drop(self, folder, content=None):
        """A photo, or @content, under a name of its own."""
        self.count += 1
        where = f"{self.share}/inbox/{folder}"
        with contextlib.suppress(OSError):  # the share may be away
            os.makedirs(where, exist_ok=True)
            name = f"{where}/IMG_{self.count:05}.jpg"
            if content is None:
                shutil.copy(random.choice(glob.glob(f"{self.work}/photos/*")), name)
            else:
                with open(name, "wb") as file:
                    file.write(content)

    def visit(self, path):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{PAGE}/{path}", timeout=5).read()


def wait_for(path, seconds):
    until = time.monotonic() + seconds
    while not os.path.exists(path) and time.monotonic() < until:
        time.sleep(0.2)


# ---- what happens

def sandboxes(ground):
    """Process ids of decoders under this ground."""
    daemon = ground.programs[0].pid
    parents = {}
    for stat in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError):
            with open(stat, encoding="utf-8", errors="replace") as text:
                head, rest = text.read().rsplit(")", 1)
            number, name = head.split(" (", 1)
            parents[int(number)] = (name, int(rest.split()[1]))

    def is_below(pid):
        while pid in parents and pid != daemon:
            pid = parents[pid][1]
        return pid == daemon
    return [pid for pid, (name, _) in parents.items() if name == "dm-sandbox" and is_below(pid)]


def trickle(ground, second):
    if second % 2 == 0:
        ground.drop(WATCHING[second // 2 % 4])


def rush(ground, second):
    for _ in range(min(4, 1 + second // 12)):
        ground.drop(random.choice(WATCHING))


def trouble(ground, second):
    trickle(ground, second)
    with open(glob.glob(f"{ground.work}/photos/*")[0], "rb") as photo:
        whole = photo.read()
    ground.drop("gray", (b"", whole[:len(whole) // 3], b"%PDF-1.7\n", b"no picture")[second % 4])
    if second % 12 == 5:
        for pid in sandboxes(ground)[:1]:
            os.kill(pid, signal.SIGSEGV)


def pause(ground, second):
    if second == 0:
        ground.ask("pause")
    rush(ground, 15)


def resume(ground, second):
    if second == 0:
        ground.ask("resume")
        os.makedirs(f"{ground.share}/inbox/rezise-80", exist_ok=True)
    trickle(ground, second)


def away(ground, second):
    if second == 0:
        os.rename(ground.share, f"{ground.share}.away")


def back(ground, second):
    if second == 0:
        os.rename(f"{ground.share}.away", ground.share)
    trickle(ground, second)


def busy_bucket(ground, second):
    Bucket.busy.set()
    rush(ground, 15)


def calm(ground, second):
    Bucket.busy.clear()
    trickle(ground, second)
    if second % 10 == 0:
        ground.ask("send", "--with", "gray", "--to", f"http://127.0.0.1:{PAGE}/", *glob.glob(f"{ground.work}/photos/*")[:3])


STORY = ((trickle, 60), (rush, 60), (trickle, 40), (trouble, 50), (trickle, 25), (pause, 35), (resume, 45), (away, 30),
         (back, 40), (busy_bucket, 40), (calm, 90))


def play(ground, speed):
    for act, seconds in STORY:
        print(f"{act.__name__} for {seconds / speed:.0f} s", flush=True)
        for second in range(seconds):
            began = time.monotonic()
            act(ground, second)
            ground.visit(("", "now", "api/state", "api/catalogue")[second % 4])
            time.sleep(max(0, 1 / speed - (time.monotonic() - began)))


# ---- what Prometheus says

def ask_prometheus(path, **values):
    query = urllib.parse.urlencode(values)
    with urllib.request.urlopen(f"http://127.0.0.1:{PROMETHEUS}/api/v1/{path}?{query}", timeout=30) as answer:
        return json.load(answer)["data"]["result"]


def fill_in(expression, window):
    return expression.replace("$instance", ".*").replace("$__rate_interval", window)


def answers(dashboard, since, until):
    """What each query of @dashboard is answered: its text -> the series."""
    found = {}
    step = max(1, round((until - since) / 200))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            expression = fill_in(target["expr"], f"{4 * SCRAPE_S}s")
            if target.get("instant"):
                found[key_of(target)] = ask_prometheus("query", query=expression, time=until)
            else:
                found[key_of(target)] = ask_prometheus("query_range", query=expression, start=since, end=until, step=step)
    return {"since": since, "until": until, "step": step, "series": found}


def measure(dashboard, build, speed):
    with tempfile.TemporaryDirectory(prefix="dmg.", dir="/tmp") as work:
        ground = Ground(os.path.abspath(build), work)
        try:
            ground.begin()
            time.sleep(3 * SCRAPE_S)
            since = time.time()
            play(ground, speed)
            return answers(dashboard, since, time.time())
        finally:
            ground.end()
            for log in glob.glob(f"{work}/dropmill*.log"):
                with open(log, encoding="utf-8", errors="replace") as text:
                    sys.stderr.writelines(text.readlines()[-5:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--png", required=True)
    parser.add_argument("--speed", type=float, default=1)
    parser.add_argument("--keep")
    parser.add_argument("--from", dest="kept")
    options = parser.parse_args()
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    if options.kept:
        with open(options.kept, encoding="utf-8") as file:
            data = json.load(file)
    else:
        data = measure(dashboard, options.build, options.speed)
    if options.keep:
        with open(options.keep, "w", encoding="utf-8") as file:
            json.dump(data, file)
    draw(dashboard, data, options.png)


if __name__ == "__main__":
    main()
