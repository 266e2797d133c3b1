# SPDX-License-Identifier: MIT
"""It was done, and nobody says so."""
COMMAND = ["put", "k", "x"]
EXPECT = "transport - 0 unknown"


def serve(c):
    c.body()
    c.reset()
