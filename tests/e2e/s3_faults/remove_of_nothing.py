# SPDX-License-Identifier: MIT
"""What is not there is removed."""
COMMAND = ["remove", "k"]
EXPECT = "ok - 404 known"


def serve(c):
    c.error(404, "NoSuchKey")
