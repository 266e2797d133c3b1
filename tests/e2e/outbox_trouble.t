#!/bin/bash
# SPDX-License-Identifier: MIT
# The outbox is full, read-only, or an original cannot be read: nothing is lost, the files are parked with the
# reason and done when the world allows it.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "mounting needs root"
make_photos 6 400 300 png
new_share
printf 'outbox = { retry = "500ms"; };\n' >>"$CONF"
mount -t tmpfs -o size=64k,mode=0775 tmpfs "$SHARE/outbox" || skip_all "cannot mount a tmpfs"
start_daemon
cp -r "$WORK/sources" "$WORK/dropping"
mv "$WORK/dropping" "$SHARE/inbox/invert"
parked() {
    [ "$(sql 'SELECT count(*) FROM file WHERE state = 7')" -ge 1 ]
}
ok "a full outbox parks" wait_for "a parked file" parked
ok "with the reason" grep -q 'cannot-write' <(sql 'SELECT DISTINCT reason FROM file WHERE state = 7')
ok "status says so" grep -qi 'no space' <("$DROPMILL" --share "$SHARE" --config "$CONF" status)
is "nothing failed" "$(count_state 6)" 0
is "every original is still there" "$(find "$SHARE/inbox" "$SHARE/originals" -type f | wc -l)" 6
mount -o remount,size=64m "$SHARE/outbox"
ok "room again: all done" wait_for "6 done" sh -c \
    "sqlite3 -readonly '$LEDGER' 'SELECT count(*) FROM file WHERE state = 5' | grep -qx 6"
ok "no temporary is left" no_temporaries

mount -o remount,ro "$SHARE/outbox"
drop "$WORK/sources/photo-000.png" gray
ok "a read-only outbox parks" wait_for "a parked file" parked
mount -o remount,rw "$SHARE/outbox"
ok "writable again: done" wait_for "it" row_in_state gray/photo-000.png 5
ok "the daemon stops when told" stop_daemon
umount "$SHARE/outbox"
done_testing
