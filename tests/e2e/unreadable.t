#!/bin/bash
# SPDX-License-Identifier: MIT
# An image that the service may not read fails with that reason, and its neighbour is done. Runs the daemon as
# nobody, since root may read everything.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "becoming nobody needs root"
make_photos 1 120 80 png
new_share
mkdir -p "$SHARE/inbox/gray"
cp "$WORK/sources/photo-000.png" "$SHARE/inbox/gray/secret.png"
cp "$WORK/sources/photo-000.png" "$SHARE/inbox/gray/open.png"
chmod 000 "$SHARE/inbox/gray/secret.png"
# The build may lie where nobody may not go, as below /root.
mkdir "$WORK/bin"
cp "$BUILD/dropmilld" "$BUILD/dropmill-worker" "$WORK/bin"
DROPMILLD=$WORK/bin/dropmilld
chown -R nobody "$WORK"
chown root "$SHARE/inbox/gray/secret.png"
DAEMON_AS=(setpriv --reuid nobody --clear-groups)
start_daemon
ok "both come to an end" wait_ends 1 1
is "the reason" "$(reason_of gray/secret.png)" unreadable
ok "the note tells" grep -qi 'permission\|allowed' "$SHARE/failed/gray/secret.png.txt"
ok "its neighbour is done" test -s "$SHARE/outbox/gray/open.png"
ok "the log says why" grep -q "warning: moved to failed 'gray/secret.png': unreadable: " "$WORK/log"

# Somebody whose state is elsewhere learns whose daemon it is.
printf 'state_dir = "%s/elsewhere";\nruntime_dir = "%s/elsewhere";\n' "$WORK" "$WORK" >"$WORK/elsewhere.conf"
elsewhere() {
    "$DROPMILL" --share "$SHARE" --config "$WORK/elsewhere.conf" "$@"
}
ok "status names the user" grep -q "running as user nobody (process $DAEMON)" <(elsewhere status | sed 's/^daemon *//')
ok "so does its JSON" grep -q '"user": "nobody"' <(elsewhere --json status)
ok "status --quiet: it runs" elsewhere --quiet status
for command in ls "ls --failed" history; do
    # shellcheck disable=SC2086 # words
    elsewhere $command >/dev/null 2>"$WORK/errors"
    ok "$command warns" grep -q 'watched by user nobody' "$WORK/errors"
done
ok "the daemon stops when told" stop_daemon
elsewhere --quiet status
is "status --quiet: no daemon" $? 69
done_testing
