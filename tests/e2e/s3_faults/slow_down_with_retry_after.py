# SPDX-License-Identifier: MIT
"""Slower, and not before 7 s."""
COMMAND = ["put", "k", "x"]
EXPECT = "throttle SlowDown 503 known after=7 put: 'k' is answered"
CONTAINS = "PUT 503 1\nnone succeeded"


def serve(c):
    c.body()
    c.error(503, "SlowDown", headers={"Retry-After": "7"})
