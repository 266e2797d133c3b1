#!/bin/sh
# SPDX-License-Identifier: MIT
# Every tag before and after, over the samples: nothing changes in silence, and no validator has anything to say. The long
# form, over the pictures of four projects, is `make fidelity-corpus`.
cd "$(dirname "$0")/../.." || exit 1
folder=$(mktemp -d /tmp/dm-corpus.XXXXXX)
mkdir -m 700 "$folder/run"
export XDG_RUNTIME_DIR="$folder/run"
echo 1..1
if /usr/bin/python3 -B tests/fidelity/corpus.py "${BUILD:-build/release}/dropmill" "$folder/out" --validate \
    tests/fidelity/inputs/* >"$folder/said"; then
    echo "ok 1 - no tag of the samples changes in silence: $(tail -n 1 "$folder/said")"
    result=0
else
    echo "not ok 1 - no tag of the samples changes in silence"
    sed 's/^/# /' "$folder/said"
    result=1
fi
[ -n "${KEEP:-}" ] || rm -rf "$folder"
exit $result
