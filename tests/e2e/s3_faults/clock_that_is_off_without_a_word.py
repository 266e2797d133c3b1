# SPDX-License-Identifier: MIT
"""An answer to HEAD has no body: the date must do."""
COMMAND = ["head", "k"]
EXPECT = "clock - 403 known"


def serve(c):
    c.reply(403, headers={"Date": "Fri, 24 May 2013 00:00:00 GMT"})
