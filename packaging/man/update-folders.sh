#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Writes the section on operations of dropmill-folders.7 from the catalogue of the worker.
#
#   update-folders.sh DROPMILL            writes it
#   update-folders.sh --check DROPMILL    exit status 1 when what is there has drifted
#
# DROPMILL is the program, e.g. build/release/dropmill, with its dropmill-worker beside it.
set -eu

check=
if [ "${1-}" = --check ]; then
    check=yes
    shift
fi
if [ $# -ne 1 ]; then
    echo "usage: $0 [--check] DROPMILL" >&2
    exit 64
fi
dropmill=$1
page=$(dirname "$0")/dropmill-folders.7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# No configuration of this machine plays a part.
"$dropmill" --config /dev/null ops --man >"$work/section"
awk -v section="$work/section" '
    /^\.\\" END OPERATIONS/ { inside = 0; ended = 1 }
    !inside { print }
    /^\.\\" BEGIN OPERATIONS/ {
        inside = 1
        while ((getline line < section) > 0)
            print line
    }
    END { exit !ended }
' "$page" >"$work/page"

if cmp -s "$work/page" "$page"; then
    exit 0
fi
if [ -n "$check" ]; then
    echo "$page has drifted from the catalogue, run: $0 $dropmill" >&2
    diff -u "$page" "$work/page" >&2 || true
    exit 1
fi
cat "$work/page" >"$page"
