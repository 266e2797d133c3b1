# SPDX-License-Identifier: MIT
"""Each port sends to the other."""
COMMAND = ["put", "k", "x"]
EXPECT = "endpoint - 307 known"
CONTAINS = "requests 4"


def serve(c):
    c.body()
    c.reply(307, headers={"Location": f"http://127.0.0.1:{c.fake.ports[not c.is_second]}/bucket/k"})
