# SPDX-License-Identifier: MIT
"""This one object is not wanted, whoever sends it."""
COMMAND = ["put", "k", "x"]
EXPECT = "object KeyTooLongError 400 known"


def serve(c):
    c.body()
    c.error(400, "KeyTooLongError")
