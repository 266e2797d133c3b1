#!/bin/bash
# SPDX-License-Identifier: MIT
# originals.keep = "leave": originals stay in the inbox, and the ledger knows what is new, on a share that is read-only, too;
# without it an original that cannot be moved waits, once.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "mounting needs root"
make_photos 4 120 80 png
new_share
cat >>"$CONF" <<'CONF'
inbox = { settle_closed = "100ms"; settle_unseen = "300ms"; settle_returns = "0"; sweep = "300ms"; };
outbox = { retry = "300ms"; };
CONF
cp "$CONF" "$CONF.moving"
echo 'originals = { keep = "leave"; };' >>"$CONF"
mkdir -p "$SHARE/inbox/gray"
cp "$WORK"/sources/photo-00[01].png "$SHARE/inbox/gray"
echo "no picture" >"$SHARE/inbox/gray/bad.png"

# As a camera server gives it out; results go to a disk of ours.
mkdir "$WORK/disk" "$WORK/seen"
mount --bind "$SHARE" "$WORK/seen"
mount -o remount,bind,ro "$WORK/seen"
mount --bind "$WORK/disk" "$WORK/seen/outbox"
mount -o remount,bind,rw "$WORK/seen/outbox"
WRITTEN=$SHARE
SHARE=$WORK/seen
ok "it is read-only" [ ! -w "$SHARE/inbox" ]
start_daemon
ok "two are done, one has failed" wait_ends 2 1
is "originals are where they were" "$(find "$WRITTEN/inbox/gray" -type f | wc -l)" 3
ok "results are there" test -s "$SHARE/outbox/gray/photo-001.png"
ok "the log tells of the failure" grep -q "left in the inbox 'gray/bad.png'" "$WORK/log"
"$DROPMILLD" --share "$SHARE" --config "$CONF" >"$WORK/second" 2>&1
ok "a second daemon says so and stops" grep -q 'another dropmilld already does' "$WORK/second"

runs() {
    sql "SELECT count(*) FROM history WHERE fact = 'dispatched'"
}
swept() { # a few sweeps
    local turns
    turns=$("$DROPMILL" --share "$SHARE" --config "$CONF" --json status | sed -n 's/.*"turns": \([0-9]*\).*/\1/p')
    [ "$turns" -ge "$1" ]
}
before=$(runs)
wait_for "some sweeps" swept 60
is "none is done again" "$(sql "SELECT count(*) FROM history WHERE fact IN ('returned', 'dropped')")" 0
stop_daemon
start_daemon
cp "$WORK/sources/photo-002.png" "$WRITTEN/inbox/gray"
ok "after a restart only what is new is done" wait_ends 3 1
is "and nothing again" "$(runs)" $((before + 1))
cp "$WORK/sources/photo-003.png" "$WRITTEN/inbox/gray/photo-000.png"
ok "a file that is written anew is" wait_for "another result" is_in gray/photo-000.png DONE 2
cp "$WORK/sources/photo-003.png" "$WRITTEN/inbox/gray/bad.png"
ok "so is one that had failed" wait_ends 4 0
ok "the daemon stops when told" stop_daemon

# Without "leave" such a share is refused in words.
cp "$CONF.moving" "$CONF"
"$DROPMILLD" --share "$SHARE" --config "$CONF" >"$WORK/refused" 2>&1
is "a share that cannot be locked is refused" $? 74
ok "and told what would help" grep -q 'originals.keep' "$WORK/refused"
umount "$SHARE/outbox" "$SHARE"
SHARE=$WRITTEN

# An inbox that lets us read only: computed once, published once, tried seldom.
mount --bind "$SHARE/inbox" "$SHARE/inbox"
cp "$WORK/sources/photo-003.png" "$SHARE/inbox/gray/stuck.png"
mount -o remount,bind,ro "$SHARE/inbox"
: >"$WORK/log"
start_daemon
ok "an original that cannot be moved is parked" wait_for "parked" is_in gray/stuck.png PARKED
ok "its result is there" test -s "$SHARE/outbox/gray/stuck.png"
wait_for "some sweeps" swept 40
is "it was computed once" "$(sql "SELECT count(*) FROM history WHERE fact = 'dispatched' AND CAST(path AS TEXT) = 'gray/stuck.png'")" 1
# Five of them, which come to their end together or one by one; not one each sweep.
ok "and said once" test "$(grep -c "cannot move the original" "$WORK/log")" -le 5
ok "of each" test "$(grep -c "cannot move the original.*stuck" "$WORK/log")" -le 1
ok "status names it" grep -q 'stuck.png' <("$DROPMILL" --share "$SHARE" --config "$CONF" status)
mount -o remount,bind,rw "$SHARE/inbox"
stop_daemon
start_daemon
ok "after the next start it is done" wait_for "done" is_in gray/stuck.png DONE
ok "the daemon stops when told" stop_daemon
umount "$SHARE/inbox"
done_testing
