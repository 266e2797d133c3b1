# SPDX-License-Identifier: MIT
"""It ends in the middle, and says that it is whole."""
COMMAND = ["list", ""]
EXPECT = "server - 200 known"


def serve(c):
    c.reply(200, "<ListBucketResult><Contents><Key>a</Key></Contents><Contents><Key>b</Ke")
