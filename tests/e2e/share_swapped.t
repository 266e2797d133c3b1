#!/bin/bash
# SPDX-License-Identifier: MIT
# Another file system comes in the share's place while pictures are being made: no rank writes a temporary into it, and all are
# done when the share is back.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "mounting needs root"
service_runs
make_photos 40 2400 1800 jpg
new_share
printf 'outbox = { retry = "300ms"; };\ninbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };\n' >>"$CONF"
mkdir "$WORK/copy"
mount -t tmpfs -o size=200m,mode=755,uid=$SERVICE_UID,gid=$SHARE_GID tmpfs "$WORK/copy" || skip_all "cannot mount a tmpfs"
cp -a "$SHARE/." "$WORK/copy"
start_daemon
drop_folder "$WORK/sources" rotate-30-keep
some_are_done() {
    [ "$(count_in DONE PUBLISHED)" -ge 4 ]
}
tree() {
    find "$WORK/copy" | sort
}
before=$(tree)
ok "they are being made" wait_for "some results" some_are_done
ok "another file system comes" mount --bind "$WORK/copy" "$SHARE"
is "while there is work" "$(sql "SELECT count(*) > 5 FROM files WHERE state = 'RUNNING'")" 1
is_offline() {
    [ "$(as_service "$DROPMILL" --share "$SHARE" --config "$CONF" --json status | json_member daemon.share.online)" = false ]
}
none_runs() {
    [ "$(count_in RUNNING)" = 0 ]
}
ok "it is said" wait_for "the share to be offline" is_offline
ok "no rank works on" wait_for "the ranks" none_runs
is "nothing was made there" "$(tree)" "$before"
ok "the share is back" umount "$SHARE"
ok "all are done" wait_ends 40 0
is "nothing was made there until the end" "$(tree)" "$before"
ok "the daemon stops when told" stop_daemon
done_testing
