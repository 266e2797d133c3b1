#!/bin/bash
# SPDX-License-Identifier: MIT
# The outbox is full, read-only, or an original cannot be read: nothing is lost, the files are parked with the
# reason and done when the world allows it.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "mounting needs root"
service_runs
make_photos 6 400 300 png
new_share
printf 'outbox = { retry = "500ms"; };\n' >>"$CONF"
mount -t tmpfs -o size=64k,mode=2775,uid=$SERVICE_UID,gid=$SHARE_GID tmpfs "$SHARE/outbox" || skip_all "cannot mount a tmpfs"
start_daemon
drop_folder "$WORK/sources" invert
parked() {
    [ "$(count_in PARKED)" -ge 1 ]
}
ok "a full outbox parks" wait_for "a parked file" parked
ok "with the reason" grep -q 'cannot-write' <(sql "SELECT reason FROM files WHERE state = 'PARKED'")
ok "status says so" grep -qi 'no space' <("$DROPMILL" --share "$SHARE" --config "$CONF" status)
is "nothing failed" "$(count_in FAILED)" 0
is "every original is still there" "$(find "$SHARE/inbox" "$SHARE/originals" -type f | wc -l)" 6
mount -o remount,size=64m "$SHARE/outbox"
ok "room again: all done" wait_ends 6 0
ok "no temporary is left" no_temporaries

mount -o remount,ro "$SHARE/outbox"
drop "$WORK/sources/photo-000.png" gray
ok "a read-only outbox parks" wait_for "a parked file" parked
mount -o remount,rw "$SHARE/outbox"
ok "writable again: done" wait_for "it" is_in gray/photo-000.png DONE
ok "the daemon stops when told" stop_daemon
umount "$SHARE/outbox"
done_testing
