# SPDX-License-Identifier: MIT
"""Content-Length says 100, and 10 come."""
COMMAND = ["get", "k"]
EXPECT = "transport - 200 known"


def serve(c):
    c.raw("HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n0123456789")
    c.close()
