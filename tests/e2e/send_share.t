#!/bin/bash
# SPDX-License-Identifier: MIT
# Upload, process, fetch by a share: `dropmill send` without another way. One picture is broken; the sender is killed and
# goes on; what was sent before is known again.
. "$(dirname "$0")/lib.sh"

send() {
    "$DROPMILL" --config "$CONF" --share "$SHARE" send "$@" 2>"$WORK/said"
}
says() {
    grep -qF -- "$1" "$WORK/said" || { sed 's/^/# /' "$WORK/said"; false; }
}
count() { # DIR NAME
    find "$1" -name "$2" -not -name '.*' | wc -l
}

make_photos 12 320 200 jpg
mkdir -p "$WORK/trip/day 1 é"
mv "$WORK"/sources/photo-00*.jpg "$WORK/trip"
mv "$WORK"/sources/photo-01*.jpg "$WORK/trip/day 1 é"
new_share
cat >>"$CONF" <<CONF
inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };
CONF
start_daemon

ok "twelve pictures" send --with rotate-90_resize-100x --get "$WORK/out" --timeout 100s "$WORK/trip"
is "all are back" "$(count "$WORK/out/trip" '*.jpg')" 12
is "turned, then resized, in their folders" "$(size_of "$WORK/out/trip/day 1 é/photo-010.jpg")" 100x160
ok "whole: none was looked at before it was" test "$(sql "SELECT max(generation) FROM files")" = 1

echo "no picture" >"$WORK/trip/bad.jpg"
send --with gray_webp --name told --get "$WORK/out2" --timeout 100s "$WORK/trip"
is "one that is no image: 65" $? 65
ok "it is named with the reason" says "(not-an-image)"
is "the others are back, as what they are now" "$(count "$WORK/out2/trip" '*.webp')" 12
stop_daemon
send --with gray_webp --name told --wait --timeout 2s "$WORK/trip"
is "what failed is sent again; what was said before is no answer" $? 75
send --with gray_webp --name told --wait --timeout 2s "$WORK/trip"
is "nor when it is there already" $? 75
ok "and nothing hidden is left" test "$(find "$SHARE/inbox" -name '.dropmill-send*' | wc -l)" = 0
start_daemon
is_taken_away() {
    [ ! -e "$SHARE/inbox/gray_webp/told/trip/bad.jpg" ]
}
ok "with the daemon it fails again" wait_for "it" is_taken_away
cp "$WORK/trip/photo-001.jpg" "$WORK/trip/bad.jpg"
ok "mended, the same command ends well" send --with gray_webp --name told --get "$WORK/out2" --timeout 100s "$WORK/trip"
is "with all of them, once each" "$(count "$WORK/out2/trip" '*.webp')" 13
is "what was done is not done again" "$(sql "SELECT count(*) FROM files
    WHERE path LIKE 'gray_webp/told/%' AND state = 'DONE' AND generation = 1")" 12

mkdir "$WORK/many"
for i in $(seq 300); do cp "$WORK/trip/photo-001.jpg" "$WORK/many/$i.jpg"; done
some_in() {
    [ "$(find "$SHARE/inbox/invert/cut" -name '*.jpg' 2>/dev/null | wc -l)" -ge 20 ]
}
"$DROPMILL" --config "$CONF" --share "$SHARE" send --with invert --name cut --get "$WORK/cut" "$WORK/many" 2>/dev/null &
sender=$!
wait_for "some that are sent" some_in
kill -9 $sender
wait $sender 2>/dev/null
ok "killed, it goes on" send --with invert --name cut --get "$WORK/cut" --timeout 100s "$WORK/many"
is "to the end" "$(count "$WORK/cut/many" '*.jpg')" 300
ok "nothing hidden is left" test "$(find "$SHARE/inbox" -name '.dropmill-send*' | wc -l)" = 0
is "each was made once" "$(sql "SELECT count(*) FROM files WHERE path LIKE 'invert/cut/%' AND state = 'DONE' AND generation = 1")" 300

umask 077 # is not the share's
ok "who does not wait" send --with gray --name left "$WORK/trip/photo-001.jpg"
is "makes what the share's group may move" "$(stat -c %a "$SHARE/inbox/gray/left")" 2770
ok "leaves it to the daemon" wait_for "it" is_in gray/left/photo-001.jpg DONE
(cd "$WORK" && HOME=$WORK "$DROPMILL" --config /dev/null send --with gray "$WORK/trip" 2>"$WORK/said")
is "no share and no other way: 64" $? 64
ok "the ways are named" says "--to URL"
"$DROPMILL" --config "$CONF" --share "$WORK/trip" send --with gray "$WORK/trip" 2>"$WORK/said"
is "a directory that is no share: 78" $? 78
ok "the daemon stops when told" stop_daemon
done_testing
