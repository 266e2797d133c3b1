# SPDX-License-Identifier: MIT
"""The status was sent before the upload failed to be completed."""
COMMAND = ["complete", "k", "id", "etag"]
EXPECT = "server InternalError 200 unknown"


def serve(c):
    c.body()
    c.error(200, "InternalError")
