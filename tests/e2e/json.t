#!/bin/bash
# SPDX-License-Identifier: MIT
# --json is an interface: what comes out of each command, and no more, stands in dropmill-json(5), member by member; who cannot
# do what was asked says so in an object.
. "$(dirname "$0")/lib.sh"

told=$WORK/told
mkdir "$told"
make_photos 2 120 80 jpg
photo=$WORK/sources/photo-000.jpg
new_share
cat >>"$CONF" <<CONF
inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; rename_grace = "200ms"; };
s3 = { directory = "$WORK/store"; };
CONF
mkdir "$WORK/store"
: >"$WORK/store/.dropmill-mirror"
ask() { # FILE ARGUMENT...
    "$DROPMILL" --share "$SHARE" --config "$CONF" --json "${@:2}" >"$told/$1.json" 2>/dev/null
}
"$DROPMILL" --config "$CONF" --json setup "$WORK/other" >"$told/setup.json"
drop "$photo" rotate-90 a.jpg
drop "$photo" gray b.jpg
echo "no picture" >"$WORK/bad.jpg"
drop "$WORK/bad.jpg" gray bad.jpg
: >"$WORK/empty.jpg"
drop "$WORK/empty.jpg" gray empty.jpg
mkdir "$SHARE/inbox/rotat-90"
start_daemon
ok "two are done, one fails" wait_ends 2 1
status_has() {
    ask status status
    grep -q "$1" "$told/status.json"
}
ok "one waits" wait_for "its reason" status_has "waits for content"
ok "a folder is not understood" wait_for "that" status_has "rotat"
ok "the results are mirrored" "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet s3 wait --timeout 60s
ask ls ls
ask history history
ask doctor doctor
ask s3_check s3 check
ask s3_wait s3 wait
ask s3_retry s3 retry
rm "$WORK/store/gray/b.jpg"
ask s3_audit s3 audit
ask retry retry --all
ask retry.not retry gray/nosuch.jpg
ask s3_status.live s3 status
sed 's|^runtime_dir = .*|runtime_dir = "/nowhere";|' "$CONF" >"$WORK/other.conf"
"$DROPMILL" --share "$SHARE" --config "$WORK/other.conf" --json status >"$told/status.deaf.json" # runs, and does not answer us
stop_daemon
sqlite3 "$LEDGER" "UPDATE file SET state = 7 WHERE path = CAST('gray/empty.jpg' AS BLOB); UPDATE upload SET state = 1"
ask status.away status
cp -r "$WORK/state" "$WORK/kept"
ask forget forget --yes "$SHARE"
rm -rf "$WORK/state"
mv "$WORK/kept" "$WORK/state"
ask s3_status s3 status
ask explain explain rotate-90_resize-100
ask explain.not explain rotat-90
ask ops ops
ask ops_name ops rotate
ask process process --with resize-100 -o "$WORK/out" "$WORK/sources" "$WORK/nowhere.jpg"
ask error explain
is "an error: exit 64" $? 64
ask error.path ls nowhere/at/all
is "another: exit 66" $? 66
ask error.option ls --frobnicate
is "a wrong option is told in JSON, too" "$(json_member status <"$told/error.option.json")" 64
# These have their own tests: send_s3.t, notices.t
sed '/^\.Ss send$/,/^\.El$/d; /^\.Ss notice$/,/^\.El$/d' "$ROOT/packaging/man/dropmill-json.5" >"$WORK/page"
ok "the page and what comes out are the same" python3 -B "$E2E/json_page.py" "$WORK/page" "$told"
sed 's/^\.It Va is_new , Em boolean$/.It Va is_old , Em boolean/' "$WORK/page" >"$WORK/wrong"
ok "a page that is wrong is found out" sh -c "! python3 -B '$E2E/json_page.py' '$WORK/wrong' '$told' >'$WORK/found'"
done_testing
