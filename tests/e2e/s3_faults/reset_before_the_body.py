# SPDX-License-Identifier: MIT
"""The connection goes before a byte of the body was read."""
COMMAND = ["put-bytes", "k", "9000000"]
EXPECT = "transport - 0 unknown"


def serve(c):
    c.reset()
