# SPDX-License-Identifier: MIT
"""The region is named in the document only."""
COMMAND = ["put", "k", "x"]
EXPECT = "ok - 200 known"


def serve(c):
    c.body()
    if "/eu-west-1/s3/" in c.headers["authorization"]:
        c.reply(200, headers={"ETag": "e"})
    else:
        c.error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>")
