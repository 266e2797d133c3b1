# SPDX-License-Identifier: MIT
"""The object is not what it says of itself that was put."""
COMMAND = ["get", "a"]
EXPECT = "data - 200 known"


def serve(c):
    c.reply(200, "hellO", {"ETag": '"e"', "x-amz-meta-sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"})
