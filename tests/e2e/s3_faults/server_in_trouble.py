# SPDX-License-Identifier: MIT
"""It may have done it all the same."""
COMMAND = ["put", "k", "x"]
EXPECT = "server InternalError 500 unknown"


def serve(c):
    c.body()
    c.error(500, "InternalError")
