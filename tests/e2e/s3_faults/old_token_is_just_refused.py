# SPDX-License-Identifier: MIT
"""A token that is too old is AccessDenied (as of Ceph): the object is not parked for that, the mirror is."""
COMMAND = ["token=old", "put-twice", "k", "x"]
EXPECT = "endpoint AccessDenied 403 known put: 'k' is answered with 403 AccessDenied, the session token may be too old"


def serve(c):
    c.body()
    if c.number == 1:
        c.reply(200, headers={"ETag": "e"})
    else:
        c.error(403, "AccessDenied")
