# SPDX-License-Identifier: MIT
"""It would cost a second where it is ignored."""
seen = {}

COMMAND = ["put-bytes", "k", "200000"]
EXPECT = "ok - 200 known"


def serve(c):
    seen["expect"] = c.headers.get("expect")
    c.body()
    c.reply(200, headers={"ETag": "e"})


def check(fake):
    return seen["expect"]
