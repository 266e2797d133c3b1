# SPDX-License-Identifier: MIT
"""The session is over, and the configuration has no other."""
COMMAND = ["token=old", "put", "k", "x"]
EXPECT = "endpoint ExpiredToken 400 known"


def serve(c):
    c.body()
    c.error(400, "ExpiredToken")
