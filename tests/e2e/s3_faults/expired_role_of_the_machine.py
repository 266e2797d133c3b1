# SPDX-License-Identifier: MIT
"""The credentials are the machine's (IMDSv2), and over before their time: others are fetched, once."""
ENVIRONMENT = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:@SECOND", "HOME": "/nonexistent"}
COMMAND = ["key=", "secret=", "again=1", "put", "k", "x"]
EXPECT = "ok - 200 known"

fetched = []


def serve(c):
    c.body()
    if c.is_second:
        metadata(c)
    elif "Credential=ROLE2/" in c.headers["authorization"] and c.headers["x-amz-security-token"] == "T2":
        c.reply(200, headers={"ETag": "e"})
    else:
        c.error(400, "ExpiredToken")


def metadata(c):
    if c.method == "PUT":
        c.reply(200, "metadata-token" if c.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600" else "")
    elif c.headers.get("x-aws-ec2-metadata-token") != "metadata-token":
        c.reply(401)
    elif c.target.endswith("/security-credentials/"):
        c.reply(200, "role")
    else:
        fetched.append(c.target)
        n = len(fetched)
        c.reply(200, f'{{"AccessKeyId": "ROLE{n}", "SecretAccessKey": "s3cr3t", "Token": "T{n}", '
                '"Expiration": "2099-01-01T00:00:00Z"}')


def check(fake):
    return None if len(fetched) == 2 else f"fetched {len(fetched)} times"
