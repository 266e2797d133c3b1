#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Make photo-like JPEGs with vips: a soft landscape of clouds, colour and grain.
#
#   sh examples/make-photos.sh DIR COUNT [WIDTH HEIGHT]     DIR/photo-01.jpg ...
set -eu

dir=$1
count=$2
width=${3:-1600}
height=${4:-1200}
mkdir -p "$dir"
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

i=1
while [ "$i" -le "$count" ]; do
    cell=$((80 + i * 37 % 200))
    for band in 1 2 3; do
        vips perlin "$temp/$band.v" "$width" "$height" --cell-size $((cell * band)) \
            --seed $((i * 10 + band)) --uchar
    done
    vips bandjoin "$temp/1.v $temp/2.v $temp/3.v" "$temp/colour.v"
    vips gaussnoise "$temp/grain.v" "$width" "$height" --mean 0 --sigma 5 --seed "$i"
    vips worley "$temp/rocks.v" "$width" "$height" --cell-size $((cell + 60)) --seed "$i"
    vips linear "$temp/rocks.v" "$temp/dark.v" 0.6 0
    vips add "$temp/colour.v" "$temp/grain.v" "$temp/grainy.v"
    vips add "$temp/grainy.v" "$temp/dark.v" "$temp/sum.v"
    vips copy "$temp/sum.v" "$temp/all.v" --interpretation srgb
    vips cast "$temp/all.v" "$dir/$(printf 'photo-%02d.jpg[Q=88]' "$i")" uchar
    i=$((i + 1))
done
