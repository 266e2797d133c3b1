#!/bin/bash
# SPDX-License-Identifier: MIT
# `dropmill process`: the same worker without a daemon; inputs stay where they are; the exit code tells.
. "$(dirname "$0")/lib.sh"

make_photos 12 320 200 jpg
sums=$(cd "$WORK/sources" && sha256sum ./*)
export XDG_RUNTIME_DIR=$WORK/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
ok "twelve files" "$DROPMILL" process --with rotate-90_resize-100x -o "$WORK/out" "$WORK"/sources/*.jpg
is "are made" "$(find "$WORK/out" -type f | wc -l)" 12
is "turned, then resized" "$(size_of "$WORK/out/photo-003.jpg")" 100x160
is "inputs are untouched" "$(cd "$WORK/sources" && sha256sum ./*)" "$sums"
echo "no picture" >"$WORK/sources/bad.jpg"
"$DROPMILL" process --with gray -o "$WORK/out2" "$WORK"/sources/*.jpg 2>"$WORK/errors"
is "one bad: exit 65" $? 65
is "the others are made" "$(find "$WORK/out2" -type f | wc -l)" 12
ok "the bad one is named" grep -q 'bad.jpg' "$WORK/errors"
echo "no picture" >"$WORK/sources/bad2.jpg"
"$DROPMILL" process --with gray -o "$WORK/out2" "$WORK"/sources/bad*.jpg 2>"$WORK/errors"
is "two bad for one reason: one piece of advice" "$(grep -c 'not-an-image' "$WORK/errors")" 1
is "and both names" "$(grep -c '  /.*/bad2*.jpg' "$WORK/errors")" 2
mkdir "$WORK/twins"
vips copy "$WORK/sources/photo-000.jpg" "$WORK/twins/a.png"
cp "$WORK/sources/photo-000.jpg" "$WORK/twins/a.jpg"
"$DROPMILL" process --with webp -o "$WORK/out4" "$WORK/twins" 2>"$WORK/errors"
ok "a clash of two inputs is told as such" grep -q "a.png: the result of '.*/a.jpg' has that name" "$WORK/errors"
"$DROPMILL" process --with webp -o "$WORK/out4" "$WORK/twins/a.jpg" 2>"$WORK/errors"
ok "a clash with a file that was there, too" grep -q "there was such a file already" "$WORK/errors"
"$DROPMILL" process --with rotat-90 -o "$WORK/out3" "$WORK"/sources/*.jpg 2>"$WORK/errors"
is "misspelt chain: exit 65" $? 65
ok "with the nearest" grep -q 'rotate' "$WORK/errors"
"$DROPMILL" process --with gray -o "$WORK/out3" "$WORK/nowhere.jpg" 2>"$WORK/errors"
is "no such file: exit 66" $? 66
"$DROPMILL" process --with gray 2>/dev/null
is "no files: exit 64" $? 64
"$DROPMILL" frobnicate 2>"$WORK/errors"
is "unknown command: exit 64" $? 64
ok "explain" grep -q 'rotate-90_resize-1600' <("$DROPMILL" explain "Rotate 90° + Resize 1600")
"$DROPMILL" explain "rotate -90" >/dev/null 2>&1
is "explain of nonsense: exit 65" $? 65
ok "ops" grep -q '^median' <("$DROPMILL" ops)
ok "no session is left" test -z "$(find "$XDG_RUNTIME_DIR" -name 'session-*')"
done_testing
