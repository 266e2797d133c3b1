# SPDX-License-Identifier: MIT
"""Nobody says to go on: the body goes after a second."""
seen = {}

COMMAND = ["put-bytes", "k", "2000000"]
EXPECT = "ok - 200 known"


def serve(c):
    seen["expect"] = c.headers.get("expect")
    if len(c.body()) == 2000000:
        c.reply(200, headers={"ETag": "e"})


def check(fake):
    return None if seen["expect"] == "100-continue" else "it did not ask"
