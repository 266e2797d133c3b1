#!/bin/sh
# SPDX-License-Identifier: MIT
#
# One picture of pairs: what was dropped on the left, what came out on the right, its folder below.
#
#   sh examples/contact-sheet.sh SHEET.png BEFORE AFTER LABEL [BEFORE AFTER LABEL ...]
set -eu

sheet=$1
shift
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cell=220
pairs=
n=0

tile() { # IMAGE OUT: fitted into a square on white, three bands
    vips thumbnail "$1" "$temp/thumb.v" $cell --height $cell --size down
    [ "$(vipsheader -f bands "$temp/thumb.v")" -ge 3 ] ||
        { vips colourspace "$temp/thumb.v" "$temp/rgb.v" srgb && mv "$temp/rgb.v" "$temp/thumb.v"; }
    vips gravity "$temp/thumb.v" "$2" centre $((cell + 10)) $((cell + 10)) --extend white
}

while [ $# -ge 3 ]; do
    n=$((n + 1))
    tile "$1" "$temp/before.v"
    tile "$2" "$temp/after.v"
    vips join "$temp/before.v" "$temp/after.v" "$temp/pair.v" horizontal
    vips text "$temp/text.v" "$3" --dpi 96 --font "sans 11"
    vips invert "$temp/text.v" "$temp/black.v"
    vips gravity "$temp/black.v" "$temp/label.v" centre $((2 * cell + 20)) 28 --extend white
    vips colourspace "$temp/label.v" "$temp/label3.v" srgb
    vips join "$temp/pair.v" "$temp/label3.v" "$temp/$n.v" vertical --expand --background 255
    pairs="$pairs $temp/$n.v"
    shift 3
done
vips arrayjoin "${pairs# }" "$sheet" --across 2 --shim 12 --background 255
