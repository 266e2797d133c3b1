#!/bin/bash
# SPDX-License-Identifier: MIT
# People can ask after a share that is away: status, ls, history and retry know it by its path, whatever stands there.
. "$(dirname "$0")/lib.sh"

ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}
is_online() { # true or false
    [ "$(ask --json status | json_member daemon.share.online)" = "$1" ]
}
told_while_away() { # WHAT
    ok "$1: status says offline" wait_for "the share to be offline" is_online false
    ok "$1: status says why" grep -q '"share_problem": "[^"]' <(ask --json status)
    ok "$1: to people too" grep -q '^share *offline' <(ask status)
    asked_of_memory "$1"
}
asked_of_memory() { # WHAT
    ok "$1: ls" grep -q 'done.*gray/photo-000.png' <(ask ls)
    ok "$1: history" grep -q 'retired.*gray/photo-000.png' <(ask history)
    ask retry --all >/dev/null 2>"$WORK/errors"
    is "$1: retry cannot" $? 69
    ok "$1: retry says so" grep -q 'nothing can be moved while the share is away' "$WORK/errors"
}

make_photos 1 120 80 png
new_share
echo 'inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
start_daemon
drop "$WORK/sources/photo-000.png" gray
wait_settled 1
is "while it is there, no problem" "$(ask --json status | grep -c '"share_problem": ""')" 1

mv "$SHARE" "$SHARE.elsewhere"
ask status >"$WORK/said" # the daemon may not have noticed it
is "gone: status does not propose to make a share there" "$(grep -c 'dropmill setup' "$WORK/said")" 0
ok "gone: it is said at once" grep -q '^wrong *the share is away' "$WORK/said"
told_while_away "gone"
mkdir "$SHARE"
told_while_away "an empty directory"
cp -a "$SHARE.elsewhere/." "$SHARE"
echo other-share-1234 >"$SHARE/.dropmill/root.id"
told_while_away "another share"
ok "from inside, too" grep -q '^share *offline' <(cd "$SHARE/inbox" && "$DROPMILL" --config "$CONF" status)
rm -r "$SHARE"

if [ "$(id -u)" = 0 ] && mkdir "$SHARE" && mount -t tmpfs -o size=8m tmpfs "$SHARE" 2>/dev/null; then
    cp -a "$SHARE.elsewhere/." "$SHARE"
    told_while_away "a copy on another file system"
    umount "$SHARE"
fi
rm -rf "$SHARE"
mv "$SHARE.elsewhere" "$SHARE"
ok "it is back" wait_for "the share to be online" is_online true
ask retry --all >/dev/null 2>&1
is "retry has nothing to do" $? 0

ok "the daemon stops when told" stop_daemon

# The share by a symbolic link, which then leads to a copy: by the path that was meant it is another one.
mv "$SHARE" "$SHARE.true"
ln -s "$SHARE.true" "$SHARE"
start_daemon
ok "by a link: it is watched" wait_for "the share to be online" is_online true
if [ "$(id -u)" = 0 ] && mkdir "$SHARE.copy" && mount -t tmpfs -o size=8m tmpfs "$SHARE.copy" 2>/dev/null; then
    cp -a "$SHARE.true/." "$SHARE.copy"
    ln -sfn "$SHARE.copy" "$SHARE"
    told_while_away "a link to a copy"
    drop "$WORK/sources/photo-000.png" gray while-away.png
    ln -sfn "$SHARE.true" "$SHARE"
    ok "by a link: it is back" wait_for "the share to be online" is_online true
    ok "nothing was touched in the copy" test -e "$SHARE.copy/inbox/gray/while-away.png"
    umount "$SHARE.copy"
fi
ok "the daemon stops when told again" stop_daemon
rm "$SHARE"
mv "$SHARE.true" "$SHARE"
mv "$SHARE" "$SHARE.elsewhere"
mkdir "$SHARE"
ok "without a daemon: status says why" grep -q 'no share (no .dropmill/root.id)' <(ask status)
ok "and that it does not run" grep -q '^daemon *not running' <(ask status)
asked_of_memory "without a daemon"
ask --quiet status
is "status --quiet" $? 69
"$DROPMILL" --share "$WORK/sources" --config "$CONF" status >/dev/null 2>&1
is "what was never a share is none" $? 78
done_testing
