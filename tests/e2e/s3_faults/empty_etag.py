# SPDX-License-Identifier: MIT
"""An upload is completed, and its ETag not said."""
COMMAND = ["complete", "k", "id", "etag"]
EXPECT = "ok - 200 known"


def serve(c):
    c.body()
    c.reply(200, "<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>")
