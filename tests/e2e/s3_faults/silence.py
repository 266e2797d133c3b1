# SPDX-License-Identifier: MIT
"""The request is read, and that was it."""
import threading

stop = threading.Event()

COMMAND = ["put", "k", "x"]
EXPECT = "transport - 0 unknown"


def serve(c):
    c.body()
    stop.wait()
