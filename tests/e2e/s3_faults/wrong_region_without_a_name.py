# SPDX-License-Identifier: MIT
"""Nobody says which region it is."""
COMMAND = ["put", "k", "x"]
EXPECT = "endpoint AuthorizationHeaderMalformed 400 known"
CONTAINS = "s3.region"


def serve(c):
    c.body()
    c.error(400, "AuthorizationHeaderMalformed")
