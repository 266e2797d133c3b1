# SPDX-License-Identifier: MIT
"""Though it was asked for, and so nothing is to be undone."""
COMMAND = ["list", ""]
EXPECT = "ok - 200 known"
CONTAINS = "  a+b%41\n"


def serve(c):
    c.reply(200, "<ListBucketResult><Contents><Key>a+b%41</Key></Contents></ListBucketResult>")
