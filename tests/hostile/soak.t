#!/bin/sh
# SPDX-License-Identifier: MIT
# Mixed files on 8 threads (soak.py), in the short form; `make soak` runs the long one.
cd "$(dirname "$0")/../.." || exit 1
folder=$(mktemp -d /tmp/dm-soak.XXXXXX)
/usr/bin/python3 -B tests/hostile/soak.py "${BUILD:-build/release}/tests/hostile/driver" "$folder" "${SOAK_FILES:-300}"
result=$?
rm -rf "$folder"
exit $result
