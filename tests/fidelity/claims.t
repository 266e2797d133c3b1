#!/bin/sh
# SPDX-License-Identifier: MIT
# What is claimed of the files that come out (claims.py), judged by other programs than ours.
cd "$(dirname "$0")/../.." || exit 1
folder=$(mktemp -d /tmp/dm-claims.XXXXXX)
mkdir -m 700 "$folder/run"
export XDG_RUNTIME_DIR="$folder/run"
/usr/bin/python3 -B tests/fidelity/claims.py "${BUILD:-build/release}/dropmill" "$folder" ${1+"$1"}
result=$?
[ -n "${KEEP:-}" ] || rm -rf "$folder"
exit $result
