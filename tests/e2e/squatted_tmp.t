#!/bin/bash
# SPDX-License-Identifier: MIT
# A stranger has made the directory in /tmp that the service would use: it uses another, of its own, and is found there
# by those who ask, then and later.
. "$(dirname "$0")/lib.sh"

need_users
service_runs
unset XDG_RUNTIME_DIR
squatted=/tmp/dropmill-$SERVICE_UID
[ ! -e "$squatted" ] || skip_all "'$squatted' is there already"
make_photos 1 60 40 png
new_share
sed -i '/^runtime_dir/d' "$CONF"
trap 'rmdir "$squatted" 2>/dev/null; cleanup' EXIT
as_stranger mkdir -m 777 "$squatted"
run=$WORK/state/run/$(cat "$SHARE/.dropmill/root.id")
ask() {
    as_service "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}

"${DAEMON_AS[@]}" "$DROPMILLD" --share "$SHARE" --config "$CONF" >>"$WORK/log" 2>&1 &
DAEMON=$!
LEDGER=$WORK/state/$(cat "$SHARE/.dropmill/root.id")/ledger.db
ok "it starts" wait_for "its socket" test -S "$run/control.sock"
drop "$WORK/sources/photo-000.png" gray
ok "and works" wait_settled 1
is "the directory is its own, and its group's to look into" "$(stat -c '%u %a' "$run")" "$SERVICE_UID 750"
is "the stranger's stays empty" "$(find "$squatted" -mindepth 1 | wc -l)" 0
ok "status finds it" ask --quiet status
as_stranger rmdir "$squatted"
ok "and still does when the stranger has gone" ask --quiet status
ok "the daemon stops when told" stop_daemon
done_testing
