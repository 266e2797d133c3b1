#!/bin/sh
# SPDX-License-Identifier: MIT
# What the store of S3 makes of servers that misbehave.
exec /usr/bin/python3 -B "$(dirname "$0")/s3_faults.py"
