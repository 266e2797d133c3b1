#!/bin/bash
# SPDX-License-Identifier: MIT
# What a mate, who may write into the share, lays in the way of our files is not followed, waited for or overwritten. The service
# and the mate are two users of one group.
. "$(dirname "$0")/lib.sh"
need_users
service_runs
mate_does() { # a line of shell, in the share
    (cd "$SHARE" && as_mate sh -ec "umask 0; $1")
}
put() { drop "$WORK/sources/photo-000.png" gray "$1"; }
make_photos 1 120 80 png
new_share
echo 'inbox = { rename_grace = "100ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
start_daemon
put victim.png
ok "one is done before" wait_ends 1 0
victim() { sha256sum <"$SHARE/outbox/gray/victim.png"; }
before=$(victim)

ok "the mate lays things in the way" mate_does '
    mkdir -p failed/gray inbox/rotat-90 outbox/gray/.dropmill-2-1.tmp
    mkfifo outbox/gray/.dropmill-3-1.tmp failed/gray/.dropmill-note.tmp
    ln outbox/gray/victim.png outbox/gray/.dropmill-4-1.tmp
    ln -s victim.png outbox/gray/.dropmill-5-1.tmp
    echo mine >outbox/gray/.dropmill-6-1.tmp
    ln outbox/gray/victim.png inbox/rotat-90/.dropmill-note.tmp'
for i in 2 3 4 5 6; do
    put "$i.png"
done
ok "all are done" wait_ends 6 0
is "nothing was written over" "$(victim)" "$before"
is "the mate's file is his" "$(cat "$SHARE/outbox/gray/.dropmill-6-1.tmp")" mine
ok "it was said" grep -q "somebody's file has the name of the temporary 'gray/.dropmill-2-1.tmp', will take another name" "$WORK/log"

mate_does 'echo no picture >inbox/gray/broken.png'
ok "a file fails beside a pipe" wait_ends 6 1
ok "and has its note" test -s "$SHARE/failed/gray/broken.png.txt"
ok "a note beside a link" wait_for "the folder's note" test -s "$SHARE/inbox/rotat-90/READ ME - folder name not understood.txt"
is "nothing was written over by notes" "$(victim)" "$before"

# Who may read.
chmod 600 "$WORK/sources/photo-000.png"
install -d -o $SERVICE_UID -g $SHARE_GID -m 2770 "$SHARE/inbox/invert"
install -o $SERVICE_UID -g $SHARE_GID -m 600 "$WORK/sources/photo-000.png" "$SHARE/inbox/invert/secret.png"
install -o $SERVICE_UID -g $SHARE_GID -m 644 "$WORK/sources/photo-000.png" "$SHARE/inbox/invert/open.png"
ok "both are done" wait_ends 8 1
mode() { stat -c %a "$SHARE/$1"; }
is "of a 0600 original" "$(mode outbox/invert/secret.png)" 600
is "of a 0644 original" "$(mode outbox/invert/open.png)" 660
is "a folder in the outbox" "$(mode outbox/invert)" 2770
is "a note" "$(mode failed/gray/broken.png.txt)" 660
cannot_read() { # AS FILE
    ! "$1" cat "$SHARE/$2" >/dev/null 2>&1
}
ok "a stranger cannot read a result" cannot_read as_stranger outbox/invert/open.png
ok "nor a mate one of a secret" cannot_read as_mate outbox/invert/secret.png
ok "but the others" as_mate test -r "$SHARE/outbox/invert/open.png"
ok "the daemon stops when told" stop_daemon

# dropmill setup, and the first steps of a daemon, beneath a directory that the mate may write into.
mkdir "$WORK/elsewhere" && chmod 777 "$WORK/elsewhere"
fresh() { # PART WHAT: a share whose PART the mate has replaced by what a line of shell makes
    SHARE=$WORK/fresh
    rm -rf "$SHARE"
    mkdir "$SHARE" && chown $SERVICE_UID:$SHARE_GID "$SHARE" && chmod 2775 "$SHARE"
    as_service "$DROPMILL" --config "$CONF" setup --bare "$SHARE" >/dev/null 2>"$WORK/errors"
    mate_does "mv $1 gone; $2"
}
# shellcheck disable=SC2317 # called by ok
refused() { # COMMAND...: it ends at once and badly, and leaves nothing elsewhere
    "$@" >/dev/null 2>"$WORK/errors" </dev/null
    local code=$?
    [ "$code" != 0 ] && [ "$code" -lt 124 ] && [ -z "$(ls -A "$WORK/elsewhere")" ]
}
setup() { as_service timeout 10 "$DROPMILL" --config "$CONF" setup "$SHARE" >/dev/null 2>"$WORK/errors"; }
watch() { as_service timeout 10 "$DROPMILLD" --config "$CONF" --share "$SHARE"; }
for room in .dropmill inbox outbox originals failed; do
    fresh $room "ln -s $WORK/elsewhere $room"
    ok "setup: $room as a symlink" refused setup
    fresh $room "ln -s $WORK/elsewhere $room"
    ok "dropmilld: $room as a symlink" refused watch
done
fresh outbox "mkfifo outbox"
ok "setup: outbox as a pipe" refused setup
fresh .dropmill "cp -a gone .dropmill"
ok "dropmilld: a .dropmill of the mate's" refused watch
fresh failed "ln -s $WORK/elsewhere failed"
ok "retry: failed as a symlink" refused as_service timeout 10 "$DROPMILL" --config "$CONF" --share "$SHARE" retry --all
fresh failed "mv gone failed; rm _How*; echo mine >'_How to name folders.html'"
ok "setup beside a page of the mate's" setup
is "which is his" "$(cat "$SHARE/_How to name folders.html")" mine
fresh failed "mv gone failed"
as_service timeout 1 "$DROPMILLD" --config "$CONF" --share "$SHARE" 2>/dev/null
is "what nobody has touched is watched until the time is up" $? 124
ok "and can be set up again" setup
ok "setup warns of who may write into the share itself" grep -q 'others than its owner may write into' "$WORK/errors"
is "the marker is for us to write" "$(stat -c %a "$SHARE/.dropmill/root.id")" 644
done_testing
