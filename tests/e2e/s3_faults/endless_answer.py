# SPDX-License-Identifier: MIT
"""More than any list has."""
COMMAND = ["list", ""]
EXPECT = "server - 200 known"


def serve(c):
    c.raw("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        c.raw("10000\r\n" + " " * 65536 + "\r\n")
