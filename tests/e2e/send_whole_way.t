#!/bin/bash
# SPDX-License-Identifier: MIT
# Upload, process, fetch: `dropmill send --s3` to a real daemon that takes from a real bucket (Ceph's gateway) and mirrors
# its results there. The sender has no configuration, only credentials.
. "$(dirname "$0")/../lib/rgw.sh"
install_rgw
. "$(dirname "$0")/lib.sh"
"$DROPMILLD" --print-config --config /dev/null | grep -q s3_inbox || skip_all "this dropmilld takes from no bucket"

PORT=7496
unset "${!AWS_@}"
export HOME=$WORK AWS_ACCESS_KEY_ID=$RGW_KEY AWS_SECRET_ACCESS_KEY=$RGW_SECRET AWS_ENDPOINT_URL=http://127.0.0.1:$PORT
send() {
    "$DROPMILL" send --s3 photos/in "$@" 2>"$WORK/said"
}
says() {
    grep -qF -- "$1" "$WORK/said" || { sed 's/^/# /' "$WORK/said"; false; }
}
keys() { # PREFIX
    "$BUILD/tests/e2e/s3_driver" bucket=photos endpoint=$AWS_ENDPOINT_URL key="$RGW_KEY" secret="$RGW_SECRET" list-all "$1" |
        sed -n 's/^  //p'
}

ok "Ceph starts" start_ceph
ok "a gateway" start_gateway $PORT
ok "a bucket" make_bucket $PORT photos
make_photos 12 320 200 jpg
mkdir -p "$WORK/trip/day 1 é"
mv "$WORK"/sources/photo-00*.jpg "$WORK/trip"
mv "$WORK"/sources/photo-01*.jpg "$WORK/trip/day 1 é"
new_share
cat >>"$CONF" <<CONF
inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };
s3 = { bucket = "photos"; prefix = "results/"; };
s3_inbox = { prefix = "in/"; after = "delete"; poll = "300ms"; min_free = "1MB"; };
CONF
start_daemon
has_claimed() {
    [ "$(keys in/.dropmill.json)" = in/.dropmill.json ]
}
ok "the daemon says that it takes from there" wait_for "its word" has_claimed

ok "twelve pictures" send --with rotate-90_resize-100x --get "$WORK/out" --timeout 100s "$WORK/trip"
is "all are back" "$(find "$WORK/out/trip" -name '*.jpg' | wc -l)" 12
is "turned, then resized" "$(size_of "$WORK/out/trip/photo-003.jpg")" 100x160
is "in their folders" "$(size_of "$WORK/out/trip/day 1 é/photo-010.jpg")" 100x160
is "no answers are left" "$(keys in/.answers/)" ""

echo "no picture" >"$WORK/trip/bad.jpg"
send --with gray_webp --name mixed --get "$WORK/out2" --timeout 100s "$WORK/trip"
is "one that is no image: 65" $? 65
ok "it is named with the reason" says "trip/bad.jpg: "
ok "which is that" says "(not-an-image)"
is "the others are back, as what they are now" "$(find "$WORK/out2/trip" -name '*.webp' | wc -l)" 12
send --unchecked --with nonsense --wait --timeout 60s "$WORK/trip/photo-001.jpg"
is "a chain that nobody there knows: 65" $? 65
ok "which is said" says "photo-001.jpg: "
"$DROPMILL" send --s3 photos/elsewhere --with gray "$WORK/trip" 2>"$WORK/said"
is "a prefix that nobody takes from: 69" $? 69

some_in() {
    [ "$({ keys in/gray/cut/; keys results/gray/cut/; } | wc -l)" -ge 3 ]
}
"$DROPMILL" send --s3 photos/in --with gray --name cut --get "$WORK/cut" "$WORK/trip" 2>/dev/null &
sender=$!
wait_for "some that are sent" some_in
kill -9 $sender
wait $sender 2>/dev/null
send --with gray --name cut --get "$WORK/cut" --timeout 100s "$WORK/trip"
is "killed, it goes on" $? 65
is "to the end" "$(find "$WORK/cut/trip" -name '*.jpg' | wc -l)" 12
is "each was made once" "$(sql "SELECT count(*) FROM files WHERE path LIKE 'gray/cut/%' AND state = 'DONE'")" 12
ok "the daemon stops when told" stop_daemon
done_testing
