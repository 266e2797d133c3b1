# SPDX-License-Identifier: MIT
"""It is truncated, without a token."""
COMMAND = ["list", ""]
EXPECT = "server - 200 known"


def serve(c):
    c.reply(200, "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a</Key></Contents></ListBucketResult>")
