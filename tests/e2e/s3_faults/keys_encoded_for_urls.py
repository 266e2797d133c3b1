# SPDX-License-Identifier: MIT
"""As was asked for; a plus is a blank."""
COMMAND = ["list", ""]
EXPECT = "ok - 200 known"
CONTAINS = "  a b+c€\n"


def serve(c):
    c.reply(200, "<ListBucketResult><EncodingType>url</EncodingType>"
            "<Contents><Key>a+b%2Bc%E2%82%AC</Key></Contents></ListBucketResult>")
