#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every check on a clean clone of HEAD, as a stranger would meet it: what is not committed, and what was built
# before, plays no part.
#
#   sh tests/distcheck.sh [TARGET...]     of the Makefile; default: lint check check-asan check-tsan
#
# Ends at the first that fails, and leaves the clone in build/distcheck to be looked at; removes it when all is well.
set -eu
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- lint check check-asan check-tsan
clone=$PWD/build/distcheck
commit=$(git log -1 --format='%h (%s)')

say() {
    printf '==== distcheck: %s\n' "$*"
}

fail() {
    say "$*; the clone is left in $clone"
    exit 1
}

# What the make that called us was told is not for the clone.
unset MAKEFLAGS MFLAGS MAKELEVEL VARIANT BUILD
export CI=1

sh packaging/deps.sh test lint
rm -rf "$clone"
mkdir -p build
git clone --quiet . "$clone"
say "$commit"
[ -z "$(git status --porcelain)" ] || say "changes that are not committed are left out"

done=0
for target in "$@"; do
    done=$((done + 1))
    say "make $target ($done of $#)"
    make --no-print-directory -s -C "$clone" "$target" || fail "make $target has failed"
done
[ -z "$(git -C "$clone" status --porcelain)" ] || fail "the checks have left files in the tree"
rm -rf "$clone"
say "all is well"
