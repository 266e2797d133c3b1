#!/bin/bash
# SPDX-License-Identifier: MIT
# When is a file finished? Writers that close and come back, that hold a file open in silence, scanners that add pages, a
# thousand links to one file: each is taken when it is whole, once, and nobody gets a note. What a file waits for is told.
. "$(dirname "$0")/lib.sh"

WRITERS=40
LINKS=1000
SCANS=5
new_share
cat >>"$CONF" <<'CONF'
inbox = {
    folders = [ "invert/held: settle_cut=1s settle_open=1s", "invert/triggered: trigger=.done" ];
};
CONF
make_photos 1 1200 900 jpg
photo=$WORK/sources/photo-000.jpg
for folder in returns scans held triggered links plain; do
    mkdir -p "$SHARE/inbox/invert/$folder"
done
start_daemon
write() {
    /usr/bin/python3 -B "$E2E/evidence.py" "$@"
}
says() { # WORDS PATH
    "$DROPMILL" --share "$SHARE" --config "$CONF" ls "$2" | grep -q "$1"
}
drop "$photo" invert/plain a.jpg
ok "a plain file" wait_for "it" is_in invert/plain/a.jpg DONE

write returns "$photo" "$SHARE/inbox/invert/returns" $WRITERS &
returns=$!
write scanner "$SHARE/inbox/invert/scans" $SCANS 4 &
scanner=$!
write holder "$photo" "$SHARE/inbox/invert/held/a.jpg" 8 &
holder=$!
write empty "$photo" "$SHARE/inbox/invert/held/empty.jpg" 5 &

# A trigger where one is asked for.
drop "$photo" invert/triggered a.jpg
ok "a file waits for its trigger" wait_for "it" says "waits for the file of its name and '.done'" invert/triggered/a.jpg
: >"$SHARE/inbox/invert/triggered/a.jpg.done"
ok "with it, it is taken" wait_for "it" is_in invert/triggered/a.jpg DONE
ok "the trigger is no input, and goes" wait_for "it to go" test ! -e "$SHARE/inbox/invert/triggered/a.jpg.done"

ok "what is open is waited for, and that is told" wait_for "it" says 'still open by another program' invert/held/a.jpg
ok "status tells it, too" sh -c "'$DROPMILL' --share '$SHARE' --config '$CONF' status | grep -q 'still open by another program'"
ok "what is empty waits for content" wait_for "it" says 'it is empty' invert/held/empty.jpg
wait $holder
ok "the rest comes after a long silence: done" wait_for "it" is_in invert/held/a.jpg DONE 1
ok "content comes: done" wait_for "it" is_in invert/held/empty.jpg DONE 1

# One file under many names is as many files.
cp "$photo" "$WORK/one.jpg"
for ((i = 0; i < LINKS; i++)); do
    ln "$WORK/one.jpg" "$SHARE/inbox/invert/links/$i.jpg"
done
links_done() {
    [ "$(sql "SELECT count(*) FROM files WHERE path LIKE 'invert/links/%' AND state = 'DONE'")" = "$LINKS" ]
}
ok "$LINKS links to one file are done" wait_for "them" links_done
is "each of them was made once" \
    "$(sql "SELECT count(*) FROM history WHERE CAST(path AS TEXT) LIKE 'invert/links/%' AND fact = 'dispatched'")" $LINKS

wait $returns
returned() {
    [ "$(sql "SELECT count(*) FROM files WHERE path LIKE 'invert/returns/%' AND state = 'DONE' AND generation = 1")" = "$WRITERS" ]
}
ok "$WRITERS writers that come back: each is done, once" wait_for "them" returned
wrong=0
for ((i = 0; i < WRITERS; i++)); do
    cmp -s "$SHARE/outbox/invert/plain/a.jpg" "$SHARE/outbox/invert/returns/$i.jpg" || wrong=$((wrong + 1))
done
is "none of them is wrong" $wrong 0

wait $scanner
ok "the scanner is never told that its file is gone" [ $? = 0 ]
scanned() {
    [ "$(sql "SELECT count(*) FROM files WHERE path LIKE 'invert/scans/%' AND state = 'DONE'")" = "$SCANS" ]
}
ok "$SCANS scans are done" wait_for "them" scanned
wrong=0
for ((i = 0; i < SCANS; i++)); do
    [ "$(vipsheader -f n-pages "$SHARE/outbox/invert/scans/$i.tif")" = 3 ] || wrong=$((wrong + 1))
done
is "all pages are there" $wrong 0
made=$(sql "SELECT count(*) FROM history WHERE CAST(path AS TEXT) LIKE 'invert/scans/%' AND fact = 'published'")
ok "at most the first was taken early ($made results for $SCANS scans)" [ "$made" -le $((SCANS + 1)) ]

is "nobody got a note" "$(find "$SHARE/failed" -type f)" ""
ok "the daemon stops when told" stop_daemon
done_testing
