# SPDX-License-Identifier: MIT
"""For a while the bucket is next door."""
COMMAND = ["put", "k", "x"]
EXPECT = "ok - 200 known"
CONTAINS = "requests 2"


def serve(c):
    c.body()
    if c.is_second and c.headers["host"].endswith(str(c.fake.ports[1])):
        c.reply(200, headers={"ETag": "e"})
    else:
        c.reply(307, headers={"Location": f"http://127.0.0.1:{c.fake.ports[1]}/bucket/k"})
