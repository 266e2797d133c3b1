# SPDX-License-Identifier: MIT
"""The connection goes in the middle of the body."""
COMMAND = ["put-bytes", "k", "9000000"]
EXPECT = "transport - 0 unknown"


def serve(c):
    c.raw("HTTP/1.1 100 Continue\r\n\r\n")
    c.body(1000000)
    c.reset()
