# SPDX-License-Identifier: MIT
"""Nothing of ours goes to a host of somebody else."""
COMMAND = ["put", "k", "x"]
EXPECT = "endpoint - 307 known"
CONTAINS = "requests 1\nPUT 307 1\nnone succeeded"


def serve(c):
    c.body()
    c.reply(307, headers={"Location": "http://localhost.example.net/bucket/k"})
