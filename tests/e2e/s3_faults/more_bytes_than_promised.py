# SPDX-License-Identifier: MIT
"""Content-Length says 5: what follows is nobody's, and no next answer."""
COMMAND = ["get", "k"]
EXPECT = "ok - 200 known hello\n"


def serve(c):
    c.raw("HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nhello world")
