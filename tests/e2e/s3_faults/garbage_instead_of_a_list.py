# SPDX-License-Identifier: MIT
"""A page of a proxy."""
COMMAND = ["list", ""]
EXPECT = "server - 200 known"


def serve(c):
    c.reply(200, "<html><p>welcome<br></html>")
