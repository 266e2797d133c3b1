# SPDX-License-Identifier: MIT
"""Once the offset is known the date of the signature is theirs."""
COMMAND = ["again=1", "put", "k", "x"]
EXPECT = "ok - 200 known"


def serve(c):
    c.body()
    if c.headers["x-amz-date"].startswith("20130524T0000"):
        c.reply(200, headers={"ETag": "e"})
    else:
        c.error(403, "RequestTimeTooSkewed", headers={"Date": "Fri, 24 May 2013 00:00:00 GMT"})
