# SPDX-License-Identifier: MIT
"""A connection that was kept open is closed when it is used again."""
COMMAND = ["many", "5", "1000", "1"]
EXPECT = "5 objects, 0 bad, 5 attempts"


def serve(c):
    c.body()
    c.reply(200, headers={"ETag": "e"})
    c.close()
