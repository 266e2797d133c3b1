# SPDX-License-Identifier: MIT
"""XML, but of something else."""
COMMAND = ["list", ""]
EXPECT = "server - 200 known"


def serve(c):
    c.reply(200, "<ListAllMyBucketsResult></ListAllMyBucketsResult>")
