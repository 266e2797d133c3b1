# SPDX-License-Identifier: MIT
"""A token with characters that XML escapes, and queries too."""
import urllib.parse

COMMAND = ["list-all", ""]
EXPECT = "ok - 200 known"
CONTAINS = "  True\nrequests 2"


def serve(c):
    token = urllib.parse.parse_qs(urllib.parse.urlsplit(c.target).query).get("continuation-token")
    if token is None:
        c.reply(200, "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a</Key></Contents>"
                "<NextContinuationToken>a&amp;b&#43;c/=&lt;</NextContinuationToken></ListBucketResult>")
    else:
        c.reply(200, f"<ListBucketResult><Contents><Key>{token == ['a&b+c/=<']}</Key></Contents></ListBucketResult>")
