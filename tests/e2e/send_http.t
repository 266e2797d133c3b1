#!/bin/bash
# SPDX-License-Identifier: MIT
# Upload, process, fetch over HTTP: `dropmill send --to` to a real page beside a real daemon. The sender has no
# configuration. One picture is broken; the sender is killed and goes on; nobody is there, or wants to know who asks.
sh "$(dirname "$0")/../../packaging/deps.sh" page 2>/dev/null
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/page.sh"

unset "${!AWS_@}" DROPMILL_TOKEN http_proxy
export HOME=$WORK
URL=http://$PAGE_ADDRESS
send() {
    "$DROPMILL" send --to "$URL" "$@" 2>"$WORK/said"
}
says() {
    grep -qF -- "$1" "$WORK/said" || { sed 's/^/# /' "$WORK/said"; false; }
}
count() { # DIR NAME
    find "$1" -name "$2" | wc -l
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
start_page 'min_free = "0";'

ok "twelve pictures" send --with rotate-90_resize-100x --get "$WORK/out" --timeout 100s "$WORK/trip"
is "all are back" "$(count "$WORK/out/trip" '*.jpg')" 12
is "turned, then resized" "$(size_of "$WORK/out/trip/photo-003.jpg")" 100x160
is "in their folders" "$(size_of "$WORK/out/trip/day 1 é/photo-010.jpg")" 100x160
ok "libcurl is a module's, not the program's" sh -c "! ldd '$DROPMILL' | grep -q libcurl"

echo "no picture" >"$WORK/trip/bad.jpg"
send --with "gray webp" --as "Trip: day 1" --get "$WORK/out2" --timeout 100s "$WORK/trip"
is "one that is no image: 65" $? 65
ok "it is named with the reason" says "trip/bad.jpg: "
ok "which is that" says "(not-an-image)"
is "the others are back, as what they are now" "$(count "$WORK/out2/trip" '*.webp')" 12
is "nothing half is left there" "$(find "$WORK/out2" -name '.*' | wc -l)" 0
is "it has a title that people read" "$(page api/state | grep -oF '"title": "Trip  day 1"' | head -n 1)" '"title": "Trip  day 1"'

is "each file is told" "$(send --json --with gray --name told --wait --timeout 100s "$WORK/trip" |
    grep -c '"state": *"done"')" 12
send --with gray --name told --wait --timeout 100s "$WORK/trip"
is "what failed is sent again, and fails again" $? 65
is "it was looked at twice" "$(sql "SELECT generation FROM files WHERE path = 'gray/told/trip/bad.jpg'")" 2
stop_daemon
send --with gray --name told --wait --timeout 3s "$WORK/trip"
is "without the daemon: what it said of the last one is no answer" $? 75
send --with gray --name told --wait --timeout 3s "$WORK/trip"
is "nor when the new one is there already" $? 75
start_daemon
is_taken_away() {
    [ ! -e "$SHARE/inbox/gray/told/trip/bad.jpg" ]
}
ok "with it, it fails again" wait_for "it" is_taken_away
cp "$WORK/trip/photo-001.jpg" "$WORK/trip/bad.jpg"
ok "mended, the same command ends well" send --with gray --name told --get "$WORK/told" --timeout 100s "$WORK/trip"
is "with all of them" "$(count "$WORK/told" '*.jpg')" 13
is "what was done is not done again" "$(sql "SELECT count(*) FROM files
    WHERE path LIKE 'gray/told/%' AND state = 'DONE' AND path NOT LIKE '%bad.jpg' AND generation = 1")" 12
cp "$WORK/trip/bad.jpg" "$WORK/trip/photo-002.jpg"
echo >>"$WORK/trip/photo-002.jpg"
send --with gray --name told --wait --timeout 100s "$WORK/trip"
is "another file of a name that is there: 65" $? 65
ok "and what to do" says "--replace"
send --with gray --name told --wait --replace --timeout 100s "$WORK/trip"
is "which puts it there" "$?, $(sql "SELECT generation FROM files WHERE path = 'gray/told/trip/photo-002.jpg'")" "0, 2"
rm "$WORK/trip/bad.jpg"

some_in() {
    [ "$(sql "SELECT count(*) FROM files WHERE path LIKE 'invert/cut/%'")" -ge 2 ]
}
"$DROPMILL" send --to "$URL" --with invert --name cut --get "$WORK/cut" "$WORK/trip" 2>/dev/null &
sender=$!
wait_for "some that are sent" some_in
kill -9 $sender
wait $sender 2>/dev/null
ok "killed, it goes on" send --with invert --name cut --get "$WORK/cut" --timeout 100s "$WORK/trip"
is "to the end" "$(find "$WORK/cut/trip" -name '*.jpg' -not -name '.*' | wc -l)" 12
is "each was made once" "$(sql "SELECT count(*) FROM files WHERE path LIKE 'invert/cut/%' AND state = 'DONE' AND generation = 1")" 12

# The page is killed while files are on their way, and comes back.
some_over() {
    [ "$(sql "SELECT count(*) FROM files WHERE path LIKE 'edges/long/%'")" -ge 20 ]
}
mkdir "$WORK/many"
for i in $(seq 200); do cp "$WORK/trip/photo-001.jpg" "$WORK/many/$i.jpg"; done
"$DROPMILL" send --to "$URL" --with edges --name long --get "$WORK/long" --timeout 100s "$WORK/many" 2>"$WORK/said" &
sender=$!
wait_for "some that are sent" some_over
kill -9 "$PAGE"
wait "$PAGE" 2>/dev/null
before=$(sql "SELECT count(*) FROM files WHERE path LIKE 'edges/long/%'")
start_page 'min_free = "0";'
wait $sender
is "the page killed and back: the sender has not noticed" $? 0
ok "it was not all there by then ($before)" test "$before" -lt 200
is "all are back" "$(find "$WORK/long/many" -name '*.jpg' -not -name '.*' | wc -l)" 200
is "each made once" "$(sql "SELECT count(*) FROM files WHERE path LIKE 'edges/long/%' AND state = 'DONE' AND generation = 1")" 200
ok "once more: all is there, and is got" send --with edges --name long --get "$WORK/again" --timeout 60s "$WORK/many"
is "all of it" "$(find "$WORK/again/many" -name '*.jpg' -not -name '.*' | wc -l)" 200

send --unchecked --with nonsense --wait "$WORK/trip"
is "steps that are not understood: 65" $? 65
ok "which is said before anything is sent" says "'nonsense' is not understood there"
"$DROPMILL" send --to http://127.0.0.1:9 --with gray "$WORK/trip" 2>"$WORK/said"
is "nobody is there: 69" $? 69
"$DROPMILL" send --to "$URL/nowhere/" --with gray "$WORK/trip" 2>"$WORK/said"
is "somebody is, but no page: 69" $? 69
"$DROPMILL" send --to "$PAGE_ADDRESS" --with gray "$WORK/trip" 2>"$WORK/said"
is "no address: 78" $? 78

# Waiting ends; what is done meanwhile is there for who comes back.
stop_daemon
send --with flip --name later --get "$WORK/later" --timeout 3s "$WORK/trip"
is "time is up: 75" $? 75
ok "and how to go on is said" says "--name later waits on"
start_daemon
ok "so it does" send --with flip --name later --get "$WORK/later" --timeout 100s "$WORK/trip"
is "to the end, once more" "$(count "$WORK/later/trip" '*.jpg')" 12
ok "the page stops when told" stop_page

printf 'ann:sender:%s\nbob:viewer:%s\n' "$(printf sesame | sha256sum | cut -d ' ' -f 1)" \
    "$(printf only-look | sha256sum | cut -d ' ' -f 1)" >"$WORK/tokens"
chmod 600 "$WORK/tokens"
start_page "auth = \"token\"; token_file = \"$WORK/tokens\"; min_free = \"0\";"
send --with gray "$WORK/trip"
is "who says nothing is asked who it is: 78" $? 78
ok "and told how to say" says DROPMILL_TOKEN
DROPMILL_TOKEN=only-look send --with gray "$WORK/trip"
is "who may only look may not send: 78" $? 78
ok "who is known may" env DROPMILL_TOKEN=sesame "$DROPMILL" send --to "$URL" --with gray "$WORK/trip/photo-001.jpg"
echo sesame >"$WORK/secret"
ok "by a file, too" send --token-file "$WORK/secret" --with gray --wait "$WORK/trip/photo-001.jpg"
ok "the page stops when told" stop_page
ok "the daemon stops when told" stop_daemon
done_testing
