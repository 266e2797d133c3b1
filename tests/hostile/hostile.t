#!/bin/sh
# SPDX-License-Identifier: MIT
# Spoiled files, bombs and disguises (hostile.py), in the short form; `make hostile` runs the long one.
cd "$(dirname "$0")/../.." || exit 1
folder=$(mktemp -d /tmp/dm-hostile.XXXXXX)
/usr/bin/python3 -B tests/hostile/hostile.py "${BUILD:-build/release}/tests/hostile/driver" "$folder" \
    "${HOSTILE_FILES:-1500}" "${HOSTILE_SEED:-1}"
result=$?
[ -n "${KEEP:-}" ] || rm -rf "$folder"
exit $result
