#!/bin/bash
# SPDX-License-Identifier: MIT
# `dropmill process` as a step of somebody's script: trees are mirrored, a link keeps its name, --with twice, --update goes on
# with an interrupted run, JSON is whole lines as they happen, and what cannot be is refused in words.
. "$(dirname "$0")/lib.sh"

make_photos 6 320 200 jpg
export XDG_RUNTIME_DIR=$WORK/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
process() { "$DROPMILL" process "$@" 2>"$WORK/errors"; }
tree=$WORK/tree
mkdir -p "$tree/sub/deep"
cp "$WORK/sources/photo-000.jpg" "$tree/a.jpg"
cp "$WORK/sources/photo-001.jpg" "$tree/sub/a.jpg"
cp "$WORK/sources/photo-002.jpg" "$tree/sub/deep/b.jpg"
ok "a tree, and two --with" process --with gray --with resize-100 --recursive -o "$WORK/out" "$tree"
is "is mirrored" "$(cd "$WORK/out" && find . -type f | sort | tr '\n' ' ')" "./a.jpg ./sub/a.jpg ./sub/deep/b.jpg "
is "one after the other" "$(vipsheader "$WORK/out/sub/a.jpg" | grep -o '100x[0-9]* uchar, 1 band')" "100x63 uchar, 1 band"
ln -s "$tree/a.jpg" "$WORK/link.jpg"
ok "a link" process --with gray -o "$WORK/out2" "$WORK/link.jpg" "$tree/a.jpg"
is "keeps its own name" "$(ls "$WORK/out2")" link.jpg
ok "and its other name is told" grep -q "the same file as '.*link.jpg'" "$WORK/errors"

process --with gray -o "$WORK/x.jpg" "$tree/a.jpg"
is "-o x.jpg: exit 64" $? 64
ok "in words" grep -q "takes a directory, and '.*x.jpg' is a picture's name" "$WORK/errors"
process --with gray -o - "$tree/a.jpg"
is "-o -: exit 64" $? 64
process --with gray -o "$WORK/out3" -
is "no stdin: exit 66" $? 66
ok "in words, too" grep -q 'not read from stdin' "$WORK/errors"
: >"$tree/empty.jpg"
process --with resize-100 -o "$WORK/out3" "$tree"
is "an empty file: exit 65" $? 65
ok "is told for a terminal, not for a folder" sh -c "grep -q 'Copy it again' '$WORK/errors' && ! grep -qi 'drop\b\|administrator\|here again' '$WORK/errors'"
rm "$tree/empty.jpg"

cp "$tree/a.jpg" "$tree/a.png.jpg"
vips copy "$tree/a.jpg" "$tree/a.png"
process --with webp --update --recursive -o "$WORK/out4" "$tree"
touch -d '1 minute ago' "$tree"/a.jpg
touch -d '1 minute' "$tree/sub/a.jpg"
process --json --with webp --update --recursive -o "$WORK/out4" "$tree" >"$WORK/lines"
is "--update makes what is older" "$(grep -v up-to-date "$WORK/lines" | grep -c 'sub/a.jpg.*"done": true')" 1
is "and nothing else" "$(grep -c up-to-date "$WORK/lines")" 4
is "over its own, under no second name" "$(find "$WORK/out4" -type f | wc -l)" 5

"$DROPMILL" process --json --ranks 1 --threads 1 --with enlarge-1600_bilateral-25 -o "$WORK/out5" "$WORK"/sources/*.jpg >"$WORK/told" 2>"$WORK/errors" &
run=$!
ok "a line as it happens" wait_for "the first line" test -s "$WORK/told"
kill -INT $run
wait $run
is "interrupted: as by the signal" $? 130
is "each file has its line" "$(wc -l <"$WORK/told")" 6
ok "each a JSON object with its reason" python3 - "$WORK/told" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert all(row["done"] == (row["reason"] == "none") for row in rows), rows
assert {row["reason"] for row in rows} <= {"none", "interrupted"} and not rows[-1]["done"], rows
PY
ok "how to go on is told" grep -q 'interrupted: [1-5] of 6 are done; the same command with --update' "$WORK/errors"
is "only whole results" "$(find "$WORK/out5" -type f | wc -l)" "$(grep -c '"done": true' "$WORK/told")"
ok "and so it goes on" process --ranks 1 --threads 1 --with enlarge-1600_bilateral-25 --update -o "$WORK/out5" "$WORK"/sources/*.jpg
ok "with the rest" grep -q '6 of 6 done in .* s, [1-5] of them before this run' "$WORK/errors"
done_testing
