# SPDX-License-Identifier: MIT
"""The same, where others can be had: they are fetched, once, and do."""
ENVIRONMENT = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:@SECOND", "HOME": "/nonexistent"}
COMMAND = ["key=", "secret=", "again=1", "put-twice", "k", "x"]
EXPECT = "ok - 200 known"

fetched = []


def serve(c):
    c.body()
    token = c.headers.get("x-amz-security-token")
    if not c.is_second and token == "T1" and "T1" in fetched:
        c.error(403, "AccessDenied")
    elif not c.is_second:
        fetched.append(token)
        c.reply(200, headers={"ETag": "e"})
    elif c.method == "PUT" or c.target.endswith("/security-credentials/"):
        c.reply(200, "word")
    else:
        fetched.append("role")
        c.reply(200, f'{{"AccessKeyId": "A", "SecretAccessKey": "s3cr3t", "Token": "T{fetched.count("role")}"}}')


def check(fake):
    return None if fetched.count("role") == 2 else f"fetched {fetched}"
