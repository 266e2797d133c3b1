#!/bin/bash
# SPDX-License-Identifier: MIT
# What a file costs the daemon in a warm session: turns, transactions, statements, trips to the share. Whoever makes
# it cheaper lowers the limits here.
. "$(dirname "$0")/lib.sh"

FACTS="turns transactions statements io_trips"

counters() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" --json status |
        sed -nE "s/^ *\"(${FACTS// /|})\": ([0-9]+),?\$/\1 \2/p" | sort
}
is_quiet() { # nothing has been counted for a moment
    local before
    before=$(counters)
    moment
    moment
    [ -n "$before" ] && [ "$(counters)" = "$before" ]
}
spent() { # FACT: since $before
    join <(echo "$before") <(counters) | awk -v fact="$1" '$1 == fact { print $3 - $2 }'
}
# COUNT FACT LIMIT: what COUNT files cost since $before, in hundredths a file
costs_at_most() {
    local each=$((100 * $(spent "$2") / $1))
    echo "# $1 files: $2 $((each / 100)).$(printf %02d $((each % 100))) a file"
    [ "$each" -le "$3" ]
}

make_photos 1 64 64 png
new_share
echo 'status_page = false;' >>"$CONF" # what it costs goes by the clock, not by files: see status_page.t
echo 'inbox = { sweep = "1h"; settle_closed = "200ms"; settle_unseen = "200ms"; };' >>"$CONF"
start_daemon
drop "$WORK/sources/photo-000.png" gray warm.png
wait_settled 1
wait_for "quiet" is_quiet

cp "$WORK/sources/photo-000.png" "$WORK/alone.png"
before=$(counters)
mv "$WORK/alone.png" "$SHARE/inbox/gray/"
wait_settled 2
wait_for "quiet" is_quiet
ok "one file: turns" costs_at_most 1 turns 800
ok "one file: transactions" costs_at_most 1 transactions 500
ok "one file: statements" costs_at_most 1 statements 3900
ok "one file: trips to the share" costs_at_most 1 io_trips 400

mkdir "$WORK/many"
for i in $(seq 200); do
    cp "$WORK/sources/photo-000.png" "$WORK/many/$i.png"
done
before=$(counters)
mv "$WORK/many" "$SHARE/inbox/gray/" # all at once, however busy this machine is
wait_settled 202
wait_for "quiet" is_quiet
ok "200 files: turns" costs_at_most 200 turns 250
ok "200 files: transactions" costs_at_most 200 transactions 200
ok "200 files: statements" costs_at_most 200 statements 4500
ok "200 files: trips to the share" costs_at_most 200 io_trips 250
ok "the daemon stops when told" stop_daemon

# People are told of it: each turn writes what has ended, by drop; the notice is a row that comes and goes.
echo 'hooks = { exec = "/bin/true"; done = true; idle = "500ms"; };' >>"$CONF"
start_daemon
drop "$WORK/sources/photo-000.png" gray again.png
wait_settled 203
wait_for "quiet" is_quiet
mkdir "$WORK/told"
for i in $(seq 200); do
    cp "$WORK/sources/photo-000.png" "$WORK/told/$i.png"
done
before=$(counters)
mv "$WORK/told" "$SHARE/inbox/gray/"
wait_settled 403
is_told() {
    [ "$("$DROPMILL" --share "$SHARE" --config "$CONF" --json status | json_member daemon.hooks.delivered)" = 2 ]
}
ok "200 files, told: one notice" wait_for "it" is_told
wait_for "quiet" is_quiet
ok "200 files, told: transactions" costs_at_most 200 transactions 200
ok "200 files, told: statements" costs_at_most 200 statements 4700
ok "the daemon stops when told" stop_daemon
done_testing
