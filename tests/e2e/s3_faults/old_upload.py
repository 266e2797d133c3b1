# SPDX-License-Identifier: MIT
"""Nobody knows the upload any more."""
COMMAND = ["complete", "k", "id", "etag"]
EXPECT = "multipart NoSuchUpload 404 known"


def serve(c):
    c.body()
    c.error(404, "NoSuchUpload")
