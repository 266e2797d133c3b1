#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make bench-page`: what the page costs.

Uploads: files of 100 MB by PUT, one after the other on one connection, against nginx's dav module, which takes turns
with it (nginx does not wait for the disk, the page does: the floor, write and fdatasync by one program, stands beside
them). A ZIP of many results. Browsers that listen while pictures become done. The view Send: bytes, and its first paint
in Chromium if it is there. MB are 10^6 bytes; memory is the most that was resident.
"""
import argparse
import base64
import contextlib
import http.client
import os
import re
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../lib")
import raw_http
from share import STATE_DONE, Share, cpu_clock, memory_mb

PAGE_PORT, NGINX_PORT = 28642, 28643
FILE_BYTES = 100 * 10**6
RESULT_BYTES = 300_000
LISTEN_S = 20
DONE_A_SECOND = 50

NGINX = """\
daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/nginx.log;
events {{ }}
http {{
    access_log off; client_body_temp_path {work}/nginx-body; client_max_body_size 0;
    proxy_temp_path {work}/n1; fastcgi_temp_path {work}/n2; uwsgi_temp_path {work}/n3; scgi_temp_path {work}/n4;
    server {{
        listen 127.0.0.1:{port};
        location / {{ root {work}/nginx-root; dav_methods PUT; create_full_put_path on; }}
    }}
}}
"""


def wait_for(what, condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"waited for {what}")
        time.sleep(0.02)


def answers(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def drop_id(drop):
    return base64.urlsafe_b64encode(drop.encode()).decode().rstrip("=")


class Page:
    """The page beside a share whose daemon has been stopped."""

    def __init__(self, share):
        self.socket = f"{share.work}/page.sock"
        with open(f"{share.work}/conf", encoding="utf-8") as file:
            settings = file.read()
        with open(f"{share.work}/page.conf", "w", encoding="utf-8") as file:
            file.write(f'{settings}\npage = {{ listen = "127.0.0.1:{PAGE_PORT}"; socket = "{self.socket}"; state_dir = "{share.work}/page";'
                       f' min_free = "0"; }};\n')
        with open(f"{share.work}/page.log", "wb") as log:
            self.process = subprocess.Popen([f"{share.build}/dropmill-page", "--share", share.root, "--config",
                                             f"{share.work}/page.conf"], stdout=log, stderr=log)
        wait_for("the page", lambda: os.path.exists(self.socket) and answers(PAGE_PORT))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def peak_mb(self):
        return memory_mb(self.process.pid, "VmHWM")

    def cpu_seconds(self):
        return cpu_clock(self.process.pid)


@contextlib.contextmanager
def nginx(work):
    for name in ("nginx-root", "nginx-body"):
        os.makedirs(f"{work}/{name}")
    with open(f"{work}/nginx.conf", "w", encoding="utf-8") as file:
        file.write(NGINX.format(work=work, port=NGINX_PORT))
    process = subprocess.Popen(["nginx", "-c", f"{work}/nginx.conf", "-p", work], stderr=subprocess.DEVNULL)
    os.chmod(work, 0o777)
    os.chmod(f"{work}/nginx-root", 0o777)
    wait_for("nginx", lambda: answers(NGINX_PORT))
    yield process
    process.terminate()
    process.wait()


# ---- uploads


def put_files(port, path_of, count, body):
    """MB/s."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    began = time.monotonic()
    for i in range(count):
        connection.request("PUT", path_of(i), body=body, headers={"Origin": f"http://127.0.0.1:{port}"})
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (201, 204):
            raise RuntimeError(f"{port}: {answer.status}")
    return count * len(body) / 1e6 / (time.monotonic() - began)


def floor(folder, count, body):
    """One program that writes as much, and waits for the disk after each file."""
    os.makedirs(folder)
    began = time.monotonic()
    for i in range(count):
        with open(f"{folder}/{i}", "wb", buffering=0) as file:
            view = memoryview(body)
            for at in range(0, len(body), 1 << 18):
                file.write(view[at:at + (1 << 18)])
            os.fdatasync(file.fileno())
    return count * len(body) / 1e6 / (time.monotonic() - began)


def bench_uploads(share, rounds, count):
    body = os.urandom(1 << 20) * (FILE_BYTES >> 20)
    rates = {"page": [], "nginx": [], "floor": []}
    with Page(share) as page, nginx(share.work):
        for turn in range(rounds):
            name = f"gray/Upload {turn}"
            rates["page"].append(put_files(PAGE_PORT, lambda i: f"/api/drops/{drop_id(name)}/files/{i}.jpg", count, body))
            rates["nginx"].append(put_files(NGINX_PORT, lambda i: f"/{turn}-{i}.jpg", count, body))
            rates["floor"].append(floor(f"{share.work}/floor-{turn}", count, body))
            shutil.rmtree(f"{share.root}/inbox/{name}")
            shutil.rmtree(f"{share.work}/floor-{turn}")
            for entry in os.listdir(f"{share.work}/nginx-root"):
                os.remove(f"{share.work}/nginx-root/{entry}")
        print(f"upload of {count} x {FILE_BYTES // 10**6} MB, medians of {rounds}:",
              ", ".join(f"{who} {statistics.median(figures):.0f} MB/s" for who, figures in rates.items()),
              f"; page / nginx {statistics.median(a / b for a, b in zip(rates['page'], rates['nginx'])):.2f}",
              f"; page's memory {page.peak_mb():.1f} MB", flush=True)


# ---- what is done


def insert_done(ledger, drop, numbers, path_of):
    now = int(time.time() * 1e6)
    for i in numbers:
        path = f"{drop}/{i:05}.jpg".encode()
        ledger.execute("INSERT INTO file(state, path, chain, output, format, bytes, retired, seen_utc_us, state_utc_us)"
                       " VALUES (?, ?, 'gray', ?, 'jpeg', ?, 1, ?, ?)",
                       (STATE_DONE, path, path_of(path), RESULT_BYTES, now, now))
        ledger.execute("INSERT INTO history(utc_us, path, fact, state, reason, message) VALUES (?, ?, 'retired', ?, 'none', '')",
                       (now, path, STATE_DONE))
    ledger.commit()


def open_ledger(share):
    return sqlite3.connect(f"{share.work}/state/{share.name}/ledger.db", timeout=10)


def bench_zip(share, count):
    drop = "gray/Many"
    os.makedirs(f"{share.root}/outbox/{drop}")
    for i in range(count):
        with open(f"{share.root}/outbox/{drop}/{i:05}.jpg", "wb") as file:
            file.write(os.urandom(1000) * (RESULT_BYTES // 1000))
    ledger = open_ledger(share)
    insert_done(ledger, drop, range(count), lambda path: path)
    ledger.close()
    with Page(share) as page:
        began, received = time.monotonic(), 0
        connection = http.client.HTTPConnection("127.0.0.1", PAGE_PORT, timeout=300)
        connection.request("GET", f"/api/drops/{drop_id(drop)}/zip")
        answer = connection.getresponse()
        while piece := answer.read(1 << 20):
            received += len(piece)
        seconds = time.monotonic() - began
        assert received > count * RESULT_BYTES, received
        print(f"ZIP of {count} results, {received / 1e6:.0f} MB: {received / 1e6 / seconds:.0f} MB/s, "
              f"memory {page.peak_mb():.1f} MB, CPU {page.cpu_seconds():.1f} of {seconds:.1f} s", flush=True)


def bench_streams(share, streams):
    ledger = open_ledger(share)
    with Page(share) as page:
        listening = []
        for _ in range(streams):
            connection = raw_http.connect(page.socket, 300)
            connection.sendall(raw_http.request("GET", "/api/events"))
            connection.setblocking(False)
            listening.append(connection)
        wait_for("all to listen", lambda: f"event_streams {streams}\n".encode() in
                 raw_http.ask(page.socket, "GET", "/metrics").body)
        before, began, heard = page.cpu_seconds(), time.monotonic(), 0
        done = 0
        while time.monotonic() - began < LISTEN_S:
            insert_done(ledger, "gray/Live", range(done, done + DONE_A_SECOND // 10), lambda path: path)
            done += DONE_A_SECOND // 10
            time.sleep(0.1)
            for connection in listening:
                with contextlib.suppress(BlockingIOError):
                    heard += connection.recv(1 << 16).count(b"event: ")
        seconds = time.monotonic() - began
        print(f"{streams} browsers listen while {done / seconds:.0f} pictures a second become done: "
              f"{100 * (page.cpu_seconds() - before) / seconds:.1f} % of a core, "
              f"{heard / streams / seconds:.1f} events a second each, memory {page.peak_mb():.1f} MB", flush=True)
        for connection in listening:
            connection.close()
    ledger.close()


# ---- the view


def fetch(path):
    """Bytes as they are sent, and the text."""
    connection = http.client.HTTPConnection("127.0.0.1", PAGE_PORT, timeout=30)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.getheader("Content-Encoding") != "gzip":
        return len(body), body.decode()
    import gzip
    return len(body), gzip.decompress(body).decode()


def first_paints(rounds):
    """ms, by Chromium without a cache; [] where there is none."""
    try:
        from selenium import webdriver
    except ImportError:
        return []
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disk-cache-size=1"):
        options.add_argument(word)
    times = []
    with contextlib.suppress(Exception), webdriver.Chrome(options=options) as browser:
        browser.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        for _ in range(rounds):
            browser.get(f"http://127.0.0.1:{PAGE_PORT}/")
            script = "return performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0] || 0"
            wait_for("paint", lambda: browser.execute_script(script) > 0)
            times.append(browser.execute_script(script))
    return times


def bench_view(share, rounds):
    with Page(share):
        sizes = {"/": fetch("/")}
        wanted = set(re.findall(r'(?:href|src)="(a/[^"]+)"', sizes["/"][1]))
        for path in sorted(wanted):
            sizes[path] = fetch("/" + path)
        total = sum(size for size, _ in sizes.values())
        paints = first_paints(rounds)
        paint = f"first paint {statistics.median(paints):.0f} ms (median of {len(paints)})" if paints else "no Chromium"
        print(f"view Send: {total / 1e3:.1f} KB in {len(sizes)} answers, {paint}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--files", type=int, default=20, help="of 100 MB, to be uploaded in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=int, default=5000)
    parser.add_argument("--streams", type=int, default=64, help="at most as many as the page takes")
    arguments = parser.parse_args()
    with Share(arguments.build) as share:
        share.daemon.terminate()
        share.daemon.wait()
        bench_view(share, 9)
        bench_streams(share, arguments.streams)
        bench_zip(share, arguments.results)
        bench_uploads(share, arguments.rounds, arguments.files)


if __name__ == "__main__":
    main()
