#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Make photo-like JPEGs with vips: a landscape drawn as SVG, a little out of focus, with grain.
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

# A scene of 1600 x 1200 whose colours and shapes depend on the number $1.
scene() {
    hue=$(($1 * 47 % 360))
    sun=$((200 + $1 * 311 % 1200))
    peak=$((380 + $1 * 97 % 260))
    house=$((250 + $1 * 229 % 1000))
    cat <<SVG
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 1200" width="$width" height="$height"
     preserveAspectRatio="none">
  <defs>
    <linearGradient id="sky" x2="0" y2="1">
      <stop offset="0" stop-color="hsl($((200 + hue / 12)),60%,45%)"/>
      <stop offset="1" stop-color="hsl($((20 + hue / 9)),75%,82%)"/>
    </linearGradient>
    <linearGradient id="field" x2="0" y2="1">
      <stop offset="0" stop-color="hsl($((70 + hue / 8)),45%,52%)"/>
      <stop offset="1" stop-color="hsl($((80 + hue / 8)),55%,24%)"/>
    </linearGradient>
  </defs>
  <rect width="1600" height="1200" fill="url(#sky)"/>
  <circle cx="$sun" cy="260" r="90" fill="hsl(45,95%,80%)"/>
  <path d="M0 760 L260 540 420 640 700 $peak 980 660 1180 520 1600 780 V1200 H0Z"
        fill="hsl($((215 + hue / 20)),22%,46%)"/>
  <path d="M620 $((peak + 46)) L700 $peak 792 $((peak + 58)) 730 $((peak + 42)) 690 $((peak + 72))Z"
        fill="#f4f6fa"/>
  <path d="M0 820 Q400 700 800 800 T1600 780 V1200 H0Z" fill="url(#field)"/>
  <g transform="translate($house 700)">
    <rect width="200" height="150" fill="#e9dfcb"/>
    <path d="M-24 0 L100 -96 224 0Z" fill="#a33d2c"/>
    <rect x="78" y="62" width="46" height="88" fill="#5a3a26"/>
    <rect x="22" y="42" width="38" height="38" fill="#37536e"/>
    <rect x="142" y="42" width="38" height="38" fill="#37536e"/>
  </g>
  <g fill="#2f5b2c" stroke="#1f3d1e" stroke-width="4">
    <circle cx="$((sun / 2 + 60))" cy="880" r="70"/>
    <circle cx="$((sun / 2 + 120))" cy="910" r="54"/>
    <rect x="$((sun / 2 + 66))" y="930" width="24" height="130" fill="#4b3322"/>
  </g>
  <path d="M800 1200 Q880 1000 $((house + 100)) 850" fill="none" stroke="#d9c79c" stroke-width="46"/>
  <text x="60" y="1150" font-family="sans-serif" font-size="64" fill="#ffffffcc">No. $1</text>
</svg>
SVG
}

i=1
while [ "$i" -le "$count" ]; do
    scene "$i" >"$temp/scene.svg"
    vips flatten "$temp/scene.svg" "$temp/flat.v"
    vips gaussblur "$temp/flat.v" "$temp/soft.v" 0.8
    vips gaussnoise "$temp/grain.v" "$width" "$height" --mean 0 --sigma 4 --seed "$i"
    vips add "$temp/soft.v" "$temp/grain.v" "$temp/grainy.v"
    vips copy "$temp/grainy.v" "$temp/photo.v" --interpretation srgb
    vips cast "$temp/photo.v" "$dir/$(printf 'photo-%02d.jpg[Q=90]' "$i")" uchar
    i=$((i + 1))
done
