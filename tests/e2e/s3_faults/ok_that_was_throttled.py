# SPDX-License-Identifier: MIT
"""The same, because there was too much to do."""
COMMAND = ["complete", "k", "id", "etag"]
EXPECT = "throttle SlowDown 200 known"


def serve(c):
    c.body()
    c.error(200, "SlowDown")
