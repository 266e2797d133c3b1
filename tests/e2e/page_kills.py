#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""page_kills.py SOCKET WORK CLIENTS FILES: so many clients send so many pictures each to the page, and again what was not
acknowledged, until all is. A line of WORK/acknowledged for each file, when it is."""
import base64
import pathlib
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import raw_http

DEADLINE_S = 300


def send(where, client, number, body, end):
    """The status of the last answer: 201, or 409 with what is here as long as it should be."""
    drop = base64.urlsafe_b64encode(f"gray/Client {client}".encode()).decode().rstrip("=")
    pause = threading.Event()
    while time.monotonic() < end:
        try:
            answer = raw_http.ask(where, "PUT", f"/api/drops/{drop}/files/{number}.jpg",
                                  [("Origin", "http://localhost")], body, timeout=30)
        except OSError:
            pause.wait(0.1)
            continue
        if answer.status == 201 or (answer.status == 409 and f'"bytes":{len(body)}' in answer.body.decode().replace(" ", "")):
            return answer.status
        if answer.status not in (0, 503):
            raise RuntimeError(f"{client}/{number}: {answer}")
        pause.wait(0.1)
    raise RuntimeError(f"{client}/{number}: never acknowledged")


def main():
    where, work = sys.argv[1], pathlib.Path(sys.argv[2])
    clients, files = map(int, sys.argv[3:5])
    bodies = [path.read_bytes() for path in sorted((work / "sources").iterdir())]
    end = time.monotonic() + DEADLINE_S
    lock, failures = threading.Lock(), []

    def client(name):
        try:
            for number in range(files):
                send(where, name, number, bodies[number % len(bodies)], end)
                with lock, open(work / "acknowledged", "a", encoding="ascii") as file:
                    file.write(f"{name}/{number}\n")
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=client, args=(name,)) for name in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures[:5]:
        print(f"# {failure}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
