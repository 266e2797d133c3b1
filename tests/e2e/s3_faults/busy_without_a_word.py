# SPDX-License-Identifier: MIT
"""A proxy in front is overloaded."""
COMMAND = ["put", "k", "x"]
EXPECT = "throttle - 503 known"


def serve(c):
    c.body()
    c.reply(503, "<html>busy</html>")
