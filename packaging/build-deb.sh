#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds the Debian packages of HEAD, from a clean copy of it:
#
#   sh packaging/build-deb.sh DIRECTORY     puts *.deb, .changes, .buildinfo and the log there
#
# Two builds of one commit are equal, byte for byte: the time in them is the changelog's, the path is mapped.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: $0 DIRECTORY" >&2
    exit 64
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
sh packaging/deps.sh package
work=$out/source
rm -rf "$work"
mkdir "$work"
trap 'rm -rf "$work"' EXIT
git archive --prefix=dropmill/ HEAD | tar -x -C "$work"
: "${DEB_BUILD_OPTIONS:=parallel=$(nproc)}"
export DEB_BUILD_OPTIONS
if ! (cd "$work/dropmill" && env -u MAKEFLAGS -u MAKELEVEL -u CI dpkg-buildpackage -us -uc) >"$out/build.log" 2>&1; then
    tail -n 30 "$out/build.log" >&2
    echo "build-deb.sh: the build failed, all of it is in $out/build.log" >&2
    exit 1
fi
rm -f "$out"/dropmill*.deb "$out"/dropmill_*.dsc "$out"/dropmill_*.tar.xz "$out"/dropmill_*.changes "$out"/dropmill_*.buildinfo
mv "$work"/dropmill?*.* "$out"
(cd "$out" && ls -- *.deb)
