#!/bin/sh
# SPDX-License-Identifier: MIT
# Every operation that OpenCV defines, against OpenCV, pixel by pixel (compare.py prints the table).
cd "$(dirname "$0")/../.." || exit 1
echo 1..1
if /usr/bin/python3 -B tests/fidelity/compare.py "${BUILD:-build/release}/tests/fidelity/apply" >"${TMPDIR:-/tmp}/fidelity.$$" 2>&1; then
    result=ok
else
    result="not ok"
fi
sed 's/^/# /' "${TMPDIR:-/tmp}/fidelity.$$"
rm -f "${TMPDIR:-/tmp}/fidelity.$$"
echo "$result 1 - every operation is within its bound of OpenCV"
[ "$result" = ok ]
