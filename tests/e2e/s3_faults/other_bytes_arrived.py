# SPDX-License-Identifier: MIT
"""The sum of what arrived is another one."""
COMMAND = ["put", "k", "x"]
EXPECT = "data BadDigest 400 known"


def serve(c):
    c.body()
    c.error(400, "BadDigest")
