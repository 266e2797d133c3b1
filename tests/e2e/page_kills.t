#!/bin/bash
# SPDX-License-Identifier: MIT
# 100 people send 3,000 pictures while page and daemon are killed again and again: what was acknowledged is done once, and
# what was not, and was sent again, too.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/page.sh"

CLIENTS=100
FILES=30
STEP=300 # acknowledged files between two kills

new_share
start_daemon
make_photos 10 60 40 jpg
start_page 'min_free = "0";'
: >"$WORK/acknowledged"
acknowledged() {
    wc -l <"$WORK/acknowledged"
}
reached() { # COUNT, or the clients have ended
    [ "$(acknowledged)" -ge "$1" ] || ! kill -0 "$clients" 2>/dev/null
}
/usr/bin/python3 -B "$E2E/page_kills.py" "$PAGE_SOCKET" "$WORK" $CLIENTS $FILES &
clients=$!
kills=0
while kill -0 "$clients" 2>/dev/null; do
    wait_for "more to be sent" reached $((kills * STEP + STEP / 2))
    if [ $((kills % 2)) = 0 ]; then
        kill -9 "$PAGE"
        wait "$PAGE" 2>/dev/null
        start_page 'min_free = "0";'
    else
        kill -9 "$DAEMON"
        wait "$DAEMON" 2>/dev/null
        DAEMON=
        rm -f "$WORK/run/$(cat "$SHARE/.dropmill/root.id")/control.sock"
        start_daemon
    fi
    kills=$((kills + 1))
done
wait "$clients"
is "the clients have come to their ends" $? 0
ok "both were killed more than once ($kills times)" test $kills -gt 4
total=$((CLIENTS * FILES))
is "all was acknowledged, each once" "$(sort -u "$WORK/acknowledged" | wc -l) $(acknowledged)" "$total $total"
ok "all is done" wait_ends $total 0
is "each once" "$(sql "SELECT count(*) FROM files WHERE generation = 1 AND state = 'DONE'")" $total
is "each has its result" "$(find "$SHARE/outbox/gray" -name '*.jpg' | wc -l)" $total
is "each original is kept once" "$(find "$SHARE/originals/gray" -name '*.jpg' | wc -l)" $total

# What is done is known to a page that has only just been started.
kill -9 "$PAGE"
wait "$PAGE" 2>/dev/null
start_page 'min_free = "0";'
is "the first request after a start is answered by the ledger" \
    "$(page_status "api/drops/$(printf 'gray/Client 0' | base64 | tr -d =)/files/0.jpg" -T "$WORK/sources/photo-000.jpg" \
        -H "Origin: http://$PAGE_ADDRESS")" 409
ok "nothing half is left" wait_for "it to go" sh -c "[ -z \"\$(find '$SHARE/inbox' -type f -print -quit)\" ]"
ok "the page stops when told" stop_page
ok "the daemon stops when told" stop_daemon
done_testing
