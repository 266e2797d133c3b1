#!/bin/bash
# SPDX-License-Identifier: MIT
# What a mate, who may write into the share, lays in the way of our files is not followed, waited for or overwritten. The service
# and the mate are two users of one group.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip_all "the service and its mate are made by root"

SERVICE=61001 MATE=61002 GROUP=61000
as_mate() {
    (umask 0; cd "$SHARE" && setpriv --reuid $MATE --regid $GROUP --clear-groups sh -ec "$@")
}

make_photos 1 120 80 png
new_share
mkdir "$WORK/bin" # the build may lie where others may not go
cp "$BUILD/dropmilld" "$BUILD/dropmill-worker" "$WORK/bin"
DROPMILLD=$WORK/bin/dropmilld
chown -R $SERVICE:$GROUP "$WORK"
DROPMILLD_AS="setpriv --reuid $SERVICE --regid $GROUP --clear-groups"
echo 'inbox = { rename_grace = "100ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
start_daemon
put() { # NAME
    # shellcheck disable=SC2016 # the mate expands them
    as_mate 'mkdir -p inbox/gray; cp "$1" "inbox/gray/$2"' - "$WORK/sources/photo-000.png" "$1"
}
put victim.png
ok "one is done before" wait_ends 1 0
victim() { sha256sum <"$SHARE/outbox/gray/victim.png"; }
before=$(victim)

ok "the mate lays things in the way" as_mate '
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

as_mate 'echo no picture >inbox/gray/broken.png'
ok "a file fails beside a pipe" wait_ends 6 1
ok "and has its note" test -s "$SHARE/failed/gray/broken.png.txt"
ok "a note beside a link" wait_for "the folder's note" test -s "$SHARE/inbox/rotat-90/READ ME - folder name not understood.txt"
is "nothing was written over by notes" "$(victim)" "$before"
ok "the daemon stops when told" stop_daemon

# dropmill setup, and the first steps of a daemon, beneath a directory that the mate may write into.
mkdir "$WORK/elsewhere" && chmod 777 "$WORK/elsewhere"
fresh() { # PART WHAT: a share whose PART the mate has replaced by what a line of shell makes
    SHARE=$WORK/fresh
    rm -rf "$SHARE"
    mkdir "$SHARE" && chown $SERVICE:$GROUP "$SHARE" && chmod 2775 "$SHARE"
    $DROPMILLD_AS "$WORK/bin/dropmill" --config "$CONF" setup --bare "$SHARE" >/dev/null 2>"$WORK/errors"
    as_mate "mv $1 gone; $2"
}
# shellcheck disable=SC2317 # called by ok
refused() { # COMMAND...: it ends at once and badly, and leaves nothing elsewhere
    "$@" >/dev/null 2>"$WORK/errors" </dev/null
    local code=$?
    [ "$code" != 0 ] && [ "$code" -lt 124 ] && [ -z "$(ls -A "$WORK/elsewhere")" ]
}
cp "$BUILD/dropmill" "$WORK/bin"
setup() { $DROPMILLD_AS timeout 10 "$WORK/bin/dropmill" --config "$CONF" setup "$SHARE" >/dev/null 2>"$WORK/errors"; }
watch() { $DROPMILLD_AS timeout 10 "$DROPMILLD" --config "$CONF" --share "$SHARE"; }
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
fresh failed "mv gone failed"
$DROPMILLD_AS timeout 1 "$DROPMILLD" --config "$CONF" --share "$SHARE" 2>/dev/null
is "what nobody has touched is watched until the time is up" $? 124
ok "and can be set up again" setup
ok "setup warns of who may write into the share itself" grep -q 'others than its owner may write into' "$WORK/errors"
is "the marker is for us to write" "$(stat -c %a "$SHARE/.dropmill/root.id")" 644
done_testing
