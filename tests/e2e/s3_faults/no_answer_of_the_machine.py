# SPDX-License-Identifier: MIT
"""There is nobody who gives us credentials: nothing is sent, and the sentence says what to set."""
ENVIRONMENT = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:@SECOND", "HOME": "/nonexistent"}
COMMAND = ["key=", "secret=", "put", "k", "x"]
EXPECT = "endpoint - 0 known no credentials for the bucket: set s3.access_key_id"
CONTAINS = "requests 0"


def serve(c):
    c.body()
    c.reply(404 if c.is_second else 200)
