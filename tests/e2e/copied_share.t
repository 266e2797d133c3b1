#!/bin/bash
# SPDX-License-Identifier: MIT
# A copy of a share has its id: it is not taken for it. And a ledger that is taken away from under the daemon is noticed.
. "$(dirname "$0")/lib.sh"

service_runs
make_photos 1 120 80 png
new_share
printf 'inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };\n' >>"$CONF"
start_daemon
drop "$WORK/sources/photo-000.png" gray
wait_ends 1 0
cp -a "$SHARE" "$WORK/copy"
before=$(find "$WORK/copy" | sort)
watch_copy() {
    timeout 20 "${DAEMON_AS[@]}" "$DROPMILLD" --share "$WORK/copy" --config "$CONF" "$@" >/dev/null 2>"$WORK/errors"
}
setup() {
    "${DAEMON_AS[@]}" "$DROPMILL" --config "$CONF" setup "$@" >/dev/null 2>"$WORK/errors"
}
watch_copy
is "beside the daemon of the share: try later" $? 75
ok "and why" grep -q 'another dropmilld uses it, perhaps for a copy of this share' "$WORK/errors"
setup --new-id "$SHARE"
is "no new id for one that is watched" $? 75
ok "the daemon stops when told" stop_daemon
watch_copy
is "without it: refused" $? 78
ok "and what to do" grep -q "'dropmill setup --new-id $WORK/copy'.*'dropmilld --moved' once" "$WORK/errors"
is "nothing was done to the copy" "$(find "$WORK/copy" | sort)" "$before"
ok "the share is remembered where it was" grep -qx "$WORK/share" "$WORK"/state/*/path
ok "a share of its own" setup --new-id "$WORK/copy"
is "with an id of its own" "$(sort -u "$SHARE/.dropmill/root.id" "$WORK/copy/.dropmill/root.id" | wc -l)" 2

mv "$SHARE" "$WORK/original"
cp -a "$WORK/original" "$SHARE"
"${DAEMON_AS[@]}" "$DROPMILLD" --share "$SHARE" --config "$CONF" 2>"$WORK/errors"
is "restored from a copy: refused, too" $? 78
start_daemon --moved
ok "unless it is said" stop_daemon
start_daemon
ok "once" is_in gray/photo-000.png DONE

mv "$LEDGER" "$LEDGER.old"
ended() {
    ! kill -0 "$1" 2>/dev/null
}
pid=$DAEMON DAEMON=
DEADLINE=60 ok "without its ledger the daemon stops" wait_for "its end" ended "$pid"
wait "$pid"
is "with an error" $? 74
ok "that says so" grep -q "cannot go on: the ledger '.*' was deleted or replaced by somebody" "$WORK/log"
done_testing
