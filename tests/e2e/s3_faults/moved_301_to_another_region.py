# SPDX-License-Identifier: MIT
"""The bucket is elsewhere: the signature must say so."""
COMMAND = ["put", "k", "x"]
EXPECT = "ok - 200 known"
CONTAINS = "requests 2\nPUT 200 1\nPUT 301 1\none succeeded"


def serve(c):
    c.body()
    if "/eu-west-1/s3/" in c.headers["authorization"]:
        c.reply(200, headers={"ETag": "e"})
    else:
        c.error(301, "PermanentRedirect", headers={"x-amz-bucket-region": "eu-west-1"})
