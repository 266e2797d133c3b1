#!/bin/bash
# SPDX-License-Identifier: MIT
# dropmill history: by time, event, state and reason; what is not understood is answered with what may have been meant.
. "$(dirname "$0")/lib.sh"

make_photos 2 120 80 png
new_share
echo 'inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
history() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" history "$@" 2>"$WORK/error"
}
lines() { # ARGUMENT...: how many events
    history "$@" | tail -n +2 | wc -l
}
start_daemon
drop "$WORK/sources/photo-000.png" gray a.png
drop "$WORK/sources/photo-001.png" gray b.png
echo "no picture" >"$WORK/bad.png"
drop "$WORK/bad.png" gray bad.png
ok "two are done, one fails" wait_ends 2 1
stop_daemon
all=$(lines)
is "all of the last hour" "$(lines --since 1h)" "$all"
is "none of it is of the future" "$(lines --since "$(date -d tomorrow +%F)")" 0
is "nor from before today" "$(lines --until "$(date -d yesterday +%F)")" 0
is "an event" "$(lines --event published)" 2
is "a rare one" "$(lines --event refused)" 1
is "a state" "$(lines --state "done")" 2
is "a reason" "$(lines --reason not-an-image --event refused)" 1
is "all at once, of a file" "$(lines --since 1h --event refused --state failed --reason not-an-image gray/bad.png)" 1
history --since 1h --event refused gray/a.png
ok "that there is nothing is said" grep -q "nothing of that has happened" "$WORK/error"
is "which another has not" "$(lines --event refused gray/a.png)" 0
is "the newest two" "$(lines --since 1h -n 2)" 2
ok "that there are more is said" grep -q "the newest 2 of more" "$WORK/error"
sqlite3 "$LEDGER" "UPDATE history SET utc_us = utc_us - 7200000000 WHERE CAST(path AS TEXT) = 'gray/a.png'"
is "what was two hours ago is not of the last" "$(lines --since 1h --event published)" 1
is "but of what was before" "$(lines --until 1h --event published)" 1
history --event publishd
is "a wrong event: exit 64" $? 64
ok "did you mean" grep -q "did you mean 'published'" "$WORK/error"
history --state donne
ok "so for a state" grep -q "did you mean 'done'" "$WORK/error"
history --reason not-an-imag
ok "and a reason" grep -q "did you mean 'not-an-image'" "$WORK/error"
history --since yesterday
is "a wrong time: exit 64" $? 64
ok "it says which are right" grep -q "expected how long ago (2h, 3d)" "$WORK/error"
history --since 1h --until 2h
ok "a time that is none" grep -q "'2h' is not after '1h'" "$WORK/error"
done_testing
