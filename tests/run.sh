#!/bin/sh
# SPDX-License-Identifier: MIT
#
# All tests, from a bare Debian 12: installs what is missing, builds, runs.
#
#   sh tests/run.sh [unit] [e2e] [fidelity] [hostile]    default: all of them
#   VARIANT=asan sh tests/run.sh unit          under a sanitizer
#
# Ends with prove's count.
set -eu
cd "$(dirname "$0")/.."

sh packaging/deps.sh test
: "${VARIANT:=release}"
export VARIANT
make --no-print-directory -s -j "$(nproc)" VARIANT="$VARIANT" tests
BUILD=$PWD/build/$VARIANT
export BUILD

[ $# -gt 0 ] || set -- unit e2e fidelity hostile
files=
for group in "$@"; do
    case $group in
    unit) files="$files $(find "$BUILD/tests/unit" -name 'test_*' -type f -perm -1 | sort)" ;;
    e2e | fidelity | hostile) files="$files $(find "tests/$group" -name '*.t' | sort)" ;;
    *) files="$files $group" ;;
    esac
done

# Settings of whoever runs this are not the tests'.
for variable in $(env | sed -n 's/^\(DROPMILL_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$variable"
done

# What the sanitizers must know of our libraries.
export ASAN_OPTIONS="detect_leaks=1:fast_unwind_on_malloc=0:${ASAN_OPTIONS:-}"
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0:${LSAN_OPTIONS:-}"
export G_SLICE=always-malloc # GLib's own allocator hides frees, and looks like a race
export TSAN_OPTIONS="ignore_noninstrumented_modules=1:halt_on_error=1:${TSAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1"

# shellcheck disable=SC2086 # a list of paths without blanks
exec prove --exec '' -j "${JOBS:-2}" --timer $files
