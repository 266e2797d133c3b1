#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""A proxy on loopback, in front of a store that is good, which spoils some of the requests.

s3_fault_proxy.py PORT PORT_FILE FAULT_FILE [SEED]

PORT is the store's; its own is written to PORT_FILE, and what it has spoilt to FAULT_FILE, a word a line.
"""
import http.client
import random
import sys
import threading

import s3_fake

HEADERS_OF_A_HOP = ("connection", "transfer-encoding", "content-length", "expect")


def forward(connection, port, body):
    """Ask the store; its answer as status, reason, headers, bytes."""
    store = http.client.HTTPConnection("127.0.0.1", port)
    try:
        store.putrequest(connection.method, connection.target, skip_host=True, skip_accept_encoding=True)
        for name, value in connection.headers.items():
            if name not in HEADERS_OF_A_HOP:
                store.putheader(name, value)
        store.putheader("content-length", str(len(body)))
        store.endheaders(body)
        answer = store.getresponse()
        return answer.status, answer.reason, answer.getheaders(), answer.read()
    finally:
        store.close()


def take(connection):
    """The body, for which a client may want to be asked."""
    if "expect" in connection.headers:
        connection.raw("HTTP/1.1 100 Continue\r\n\r\n")
    return connection.body()


def pass_on(connection, port):
    status, reason, headers, body = forward(connection, port, take(connection))
    lines = [f"HTTP/1.1 {status} {reason}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in HEADERS_OF_A_HOP]
    length = dict(headers).get("Content-Length", "0") if connection.method == "HEAD" else len(body)
    connection.raw("\r\n".join([*lines, f"Content-Length: {length}"]) + "\r\n\r\n")
    connection.sock.sendall(body)


def busy(connection, port):
    take(connection)
    connection.error(503, "SlowDown")


def reset(connection, port):
    connection.body(1000)
    connection.reset()


def lose_answer(connection, port):
    forward(connection, port, take(connection))
    connection.reset()


def trouble(connection, port):
    take(connection)
    connection.error(500, "InternalError")


# Of a hundred requests.
FAULTS = ((4, busy), (3, reset), (3, lose_answer), (2, trouble))


def main():
    port, port_file, fault_file = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    chance = random.Random(sys.argv[4] if len(sys.argv) > 4 else None)
    log = open(fault_file, "w", encoding="utf-8", buffering=1)

    def serve(connection):
        dice = chance.random() * 100
        for percent, fault in FAULTS:
            dice -= percent
            if dice < 0:
                log.write(fault.__name__ + "\n")
                fault(connection, port)
                return
        pass_on(connection, port)

    fake = s3_fake.Fake(serve)
    with open(port_file, "w", encoding="utf-8") as file:
        file.write(f"{fake.ports[0]}\n")
    threading.Event().wait()


if __name__ == "__main__":
    main()
