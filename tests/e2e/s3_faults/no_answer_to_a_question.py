# SPDX-License-Identifier: MIT
"""Nothing can have been changed."""
COMMAND = ["head", "k"]
EXPECT = "transport - 0 known"


def serve(c):
    c.reset()
