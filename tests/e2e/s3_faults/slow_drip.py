# SPDX-License-Identifier: MIT
"""An answer that never ends, a byte at a time."""
import threading

stop = threading.Event()

COMMAND = ["get", "k"]
EXPECT = "transport - 200 known"


def serve(c):
    c.raw("HTTP/1.1 200 X\r\nContent-Length: 10000\r\n\r\n")
    while not stop.wait(0.2):
        c.raw("x")
