#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole way in and out of a real bucket (Ceph's gateway): objects become results and answers, once each; names that
# lead elsewhere; many; two daemons on one prefix; kills; what becomes of objects.
. "$(dirname "$0")/../lib/rgw.sh"
install_rgw
. "$(dirname "$0")/lib.sh"

PORT=7490
DRIVER=$BUILD/tests/e2e/s3_driver
unset "${!AWS_@}"
export HOME=$WORK

ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}
s3() { # COMMAND...
    "$DRIVER" bucket=photos endpoint=http://127.0.0.1:$PORT key="$RGW_KEY" secret="$RGW_SECRET" "$@" 2>"$WORK/driver.log"
}
put() { # FILE KEY
    [ "$(s3 put-file "$2" "$1" | head -n 1 | cut -d ' ' -f 1)" = ok ] || sed 's/^/# /' "$WORK/driver.log"
}
is_there() { # KEY
    [ "$(s3 head "$1" | head -n 1 | cut -d ' ' -f 1)" = ok ]
}
is_gone() { # KEY
    [ "$(s3 head "$1" | head -n 1 | cut -d ' ' -f 1)" = missing ]
}
etag_of() { # KEY
    s3 head "$1" | sed -n 's/.* etag=//p' | head -n 1
}
text_of() { # KEY
    s3 get "$1"
}
answered() { # STATE KEY: below the prefix
    text_of "in/.answers/$2.json" | grep -qF "\"state\":\"$1\""
}
keys() { # PREFIX: how many there are
    s3 count "$1" | sed -n 's/^keys //p'
}
configure() { # AFTER [MORE]
    cp "$WORK/plain.conf" "$CONF"
    cat >>"$CONF" <<CONF
s3 = {
    bucket = "photos"; prefix = "results/"; endpoint = "http://127.0.0.1:$PORT";
    access_key_id = "$RGW_KEY"; secret_access_key = "$RGW_SECRET";
};
s3_inbox = { prefix = "in/"; after = "$1"; poll = "300ms"; min_free = "1MB"; ${2:-} };
CONF
    chmod 600 "$CONF"
}
arrivals() { # WHERE
    sql "SELECT count(*) FROM arrival WHERE $1"
}
files() { # WHERE
    sql "SELECT count(*) FROM files WHERE $1"
}
answers_are() { # COUNT: of arrivals with nothing to do
    [ "$(arrivals 'state IN (4, 5)')" = "$1" ]
}
says() { # TEXT: status does
    ask status | grep -qF -- "$1"
}

ok "Ceph starts" start_ceph
ok "a gateway" start_gateway $PORT
ok "a bucket" make_bucket $PORT photos

make_photos 12 120 80 png
new_share
echo 'inbox = { sweep = "1s"; settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
cp "$CONF" "$WORK/plain.conf"

# ---- there and back

configure keep
start_daemon
ok "the claim" wait_for "the claim" is_there in/.dropmill.json
ok "says whose it is" grep -qF "\"share\":\"$(cat "$SHARE/.dropmill/root.id")\"" <(text_of in/.dropmill.json)
for ((i = 0; i < 12; i++)); do
    put "$WORK/sources/photo-0$(printf %02d $i).png" "in/gray/Holiday 2024/picture $i é.png"
done
echo "no picture" >"$WORK/broken.png"
put "$WORK/broken.png" in/gray/broken.png
wait_for "the answers" answers_are 13
is "results are in the bucket" "$(keys results/gray/Holiday)" 12
ok "done is said" answered "done" "gray/Holiday 2024/picture 3 é.png"
ok "with the key of the result" grep -qF '"results":["results/gray/Holiday 2024/picture 3 é.png"]' \
    <(text_of "in/.answers/gray/Holiday 2024/picture 3 é.png.json")
ok "and the ETag of the input" grep -qF "\"etag\":\"$(etag_of "in/gray/Holiday 2024/picture 3 é.png")\"" \
    <(text_of "in/.answers/gray/Holiday 2024/picture 3 é.png.json")
ok "failed is said" answered failed gray/broken.png
ok "with a reason" grep -qF '"reason":"not-an-image"' <(text_of in/.answers/gray/broken.png.json)
ok "the inputs are kept" is_there "in/gray/Holiday 2024/picture 3 é.png"
put "$WORK/sources/photo-003.png" "in/gray/Holiday 2024/picture 3 é.png"
put "$WORK/sources/photo-005.png" "in/gray/Holiday 2024/picture 4 é.png"
again() {
    is_in "gray/Holiday 2024/picture 4 é.png" DONE 2
}
ok "another object is taken" wait_for "the second drop" again
ok "the same one is not" is_in "gray/Holiday 2024/picture 3 é.png" DONE 1
is "there are no temporaries" "$(find "$SHARE/inbox" -type f | wc -l)" 0

# ---- what is never taken

left=$(arrivals 'state = 5')
for key in in/../x.png in/gray/../../x.png in/loose.png in/gray/.hidden.png in/gray//two.png; do
    put "$WORK/sources/photo-000.png" "$key"
done
: >"$WORK/nothing"
put "$WORK/nothing" in/gray/empty.png
put "$WORK/nothing" in/gray/
put "$WORK/sources/photo-000.png" in/rotat-90/a.png
left_are() {
    [ "$(arrivals 'state = 5')" = $((left + 8)) ]
}
ok "they are left" wait_for "what is left" left_are
is "nothing is in the inbox" "$(find "$SHARE" -name '*x.png' -o -name '*two*' -o -name '*hidden*' | wc -l)" 0
ok "status counts them" says "8 left in the bucket"
ok "and says why" says "is left in the bucket: "
is "each is told once" "$(grep -c "'in/../x.png' is not taken" "$WORK/log")" 1
ok "a folder that is not understood has an answer" grep -qF "did you mean 'rotate-90'" <(text_of in/.answers/rotat-90/a.png.json)
ok "so has an object without bytes" answered failed gray/empty.png

# ---- many

vips black "$WORK/small.png" 8 8
before=$(arrivals 'state = 4')
ok "3000 objects" test "$(s3 put-copies in/gray/many/ 3000 "$WORK/small.png" .png | head -n 1 | cut -d ' ' -f 1)" = ok
ok "are answered" wait_for "3000 answers" answers_are $((before + left + 3008))
is "each was taken once" "$(files "path LIKE 'gray/many/%' AND generation = 1 AND state = 'DONE'")" 3000
is "and has its result" "$(keys results/gray/many/)" 3000
is "and its answer" "$(keys in/.answers/gray/many/)" 3000
statements() {
    ask --json status | sed -n 's/.*"statements": \([0-9]*\).*/\1/p'
}
requests() {
    ask --json status | json_member daemon.s3_inbox.requests
}
listed_more() { # REQUESTS
    [ "$(requests)" -ge $((requested + $1)) ]
}
requested=$(requests)
wait_for "a listing" listed_more 12
begun=$(statements) requested=$(requests)
wait_for "three listings" listed_more 15
spent=$(($(statements) - begun))
echo "# listings of 3000 objects, and status asked for: $spent statements"
ok "unchanged listings cost the ledger nothing for each object" test "$spent" -lt 1000

# ---- two daemons on one prefix

SECOND=$WORK/second
"$DROPMILL" setup "$SECOND" >/dev/null
"$DROPMILLD" --share "$SECOND" --config "$CONF" >>"$WORK/log.second" 2>&1 &
OTHER=$!
other_says() {
    "$DROPMILL" --share "$SECOND" --config "$CONF" status 2>/dev/null | grep -qF -- "$1"
}
ok "the second takes nothing" wait_for "the second" other_says "is taken from by the share $(cat "$SHARE/.dropmill/root.id")"
ok "and logs it once" test "$(grep -c 'is taken from by the share' "$WORK/log.second")" = 1
is "nothing is in its inbox" "$(find "$SECOND/inbox" -name '*.png' | wc -l)" 0
kill $OTHER
wait $OTHER

# ---- kills, with objects that go away when they are answered

stop_daemon
configure delete
start_daemon
: "${KILLS:=4}"
taken_more() { # COUNT
    [ "$(files "path LIKE 'gray/round-$round/%'")" -ge "$1" ]
}
for ((round = 1; round <= KILLS; round++)); do
    s3 put-copies "in/gray/round-$round/" 60 "$WORK/sources/photo-001.png" .png >/dev/null &
    PUTTING=$!
    wait_for "some of round $round" taken_more "$((RANDOM % 50 + 1))"
    kill -9 "$DAEMON"
    wait "$DAEMON" 2>/dev/null
    wait $PUTTING
    start_daemon
done
wait_for "the daemon to answer" daemon_answers # a killed one leaves its socket
round_is_over() {
    [ "$(files "path LIKE 'gray/round-%' AND state = 'DONE'")" = $((60 * KILLS)) ] &&
        [ "$(arrivals "CAST(key AS TEXT) LIKE 'in/gray/round-%'")" = 0 ]
}
ok "after $KILLS kills all are done" wait_for "the end" round_is_over
is "each was taken once" "$(files "path LIKE 'gray/round-%' AND generation != 1")" 0
is "each has its result" "$(keys results/gray/round-)" $((60 * KILLS))
is "each has its answer" "$(keys in/.answers/gray/round-)" $((60 * KILLS))
is "no object is left" "$(keys in/gray/round-)" 0
is "no file is left in the inbox" "$(find "$SHARE/inbox" -type f | wc -l)" 0
ok "those of before are still there" is_there in/gray/many/0000.png
stop_daemon

# ---- moved

configure move
start_daemon
put "$WORK/sources/photo-002.png" "in/gray/moved é.png"
ok "it is answered" wait_for "the answer" answered "done" "gray/moved é.png"
ok "it is moved" wait_for "the move" is_gone "in/gray/moved é.png"
ok "and kept there" is_there "in/.taken/gray/moved é.png"
stop_daemon

# ---- no room

configure keep 'min_free = "900TB";'
sed -i 's/min_free = "1MB"; //' "$CONF"
start_daemon
put "$WORK/sources/photo-004.png" in/gray/waits.png
ok "without room it waits" wait_for "the shortage" says "s3_inbox.min_free"
ok "there" is_there in/gray/waits.png
is "and is not fetched" "$(files "path = 'gray/waits.png'")" 0
stop_daemon
configure keep
start_daemon
ok "with room it is taken" wait_for "the answer" answered "done" gray/waits.png
ok "no secret in the log" test "$(grep -cF "$RGW_SECRET" "$WORK/log")" = 0
ok "the daemon stops when told" stop_daemon

configure keep
sed -i 's|prefix = "results/"|prefix = "in/results/"|' "$CONF"
"$DROPMILLD" --config "$CONF" --check-config 2>"$WORK/errors"
is "prefixes in each other: 78" $? 78
ok "and it says so" grep -q 'lie in each other' "$WORK/errors"
done_testing
