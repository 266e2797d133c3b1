#!/bin/bash
# SPDX-License-Identifier: MIT
# The mirror with a directory for a bucket: results come there, once and whole, through rewrites and kills; what is
# shown of it; and that without one there is nothing of it.
. "$(dirname "$0")/lib.sh"

ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}
STORE=$WORK/bucket
mirror_on() { # SETTINGS: in a directory
    cp "$WORK/plain.conf" "$CONF"
    echo "s3 = { directory = \"$STORE\"; prefix = \"results/\"; $1 };" >>"$CONF"
}
same_trees() { # every result is in the store, byte by byte, and nothing else
    diff -r "$SHARE/outbox" "$STORE/results"
}
column() { # of ls, as JSON: the mirror's word for each file, sorted and counted
    ask --json ls | sed -n 's/.*"mirror": "\([a-z]*\)".*/\1/p' | sort | uniq -c | xargs
}

make_photos 12 120 80 png
new_share
echo 'inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
cp "$CONF" "$WORK/plain.conf"

# ---- without one

start_daemon
drop "$WORK/sources/photo-000.png" gray early.png
wait_settled 1
is "off: no upload row" "$(sql 'SELECT count(*) FROM upload')" 0
is "off: no line of status" "$(ask status | grep -c "^mirror")" 0
ask s3 check 2>"$WORK/errors"
is "off: check exits 78" $? 78
ok "off: check says what to do" grep -q 's3.bucket' "$WORK/errors"
ask s3 wait 2>/dev/null
is "off: wait exits 69" $? 69
stop_daemon

# ---- the directory is not there

mirror_on ''
ask s3 check 2>"$WORK/errors"
is "no directory: check exits 69" $? 69
start_daemon
drop "$WORK/sources/photo-000.png" gray first.png
wait_settled 2
ok "no directory: status says why" wait_for "the mirror to be held" grep -q '^mirror *held' <(ask status)
ok "no directory: one warning" test "$(grep -c 'cannot mirror to' "$WORK/log")" = 1
ask s3 wait --timeout 1s 2>/dev/null
is "wait gives up: 75" $? 75

# ---- it is there

mkdir -p "$STORE"
: >"$STORE/.dropmill-mirror"
ok "check is good" ask --quiet s3 check
is "check leaves nothing" "$(find "$STORE" -type f ! -path '*/.*' | wc -l)" 0
ok "retry" ask --quiet s3 retry
ok "wait" ask s3 wait --timeout 60s
ok "the first result is there" cmp "$SHARE/outbox/gray/first.png" "$STORE/results/gray/first.png"
ok "it is in the history" grep -q 'synced.*gray/first.png' <(ask history)
is "ls says so" "$(column)" "1 1 synced"
ask s3 audit >"$WORK/told"
is "audit exits 65" $? 65
ok "audit tells what is older than the mirror" grep -q '^unsent *gray/early.png' "$WORK/told"
ok "audit --fix sends it" grep -q '1 are sent again' <(ask s3 audit --fix)
ask s3 wait --timeout 60s
ok "audit is content" ask --quiet s3 audit
ok "the trees are the same" same_trees

# ---- a consumer takes one away, somebody changes one

rm "$STORE/results/gray/early.png"
echo other >"$STORE/results/gray/first.png"
ask s3 audit --fix >"$WORK/told"
ok "missing is told" grep -q '^missing *gray/early.png$' <(sed 's/ *$//' "$WORK/told")
ok "different is sent again" grep -q '^different *gray/first.png *is sent again' "$WORK/told"
ask s3 wait --timeout 60s
ok "what was taken stays away" test ! -e "$STORE/results/gray/early.png"
ok "what differed is right" cmp "$SHARE/outbox/gray/first.png" "$STORE/results/gray/first.png"
stop_daemon

# ---- kills while results come and are rewritten

: "${KILLS:=6}"
rm -rf "$STORE/results"
sqlite3 "$LEDGER" 'UPDATE upload SET state = 0, not_before_utc_us = 0'
generations() {
    sql 'SELECT coalesce(sum(generation), 0) FROM upload'
}
published_more() { # COUNT: than at the beginning of the round
    [ "$(generations)" -ge $((begun + $1)) ]
}
start_daemon
for ((round = 1; round <= KILLS; round++)); do
    begun=$(generations)
    for photo in "$WORK"/sources/photo-0*.png; do
        # Another picture each time under the same name.
        other=$WORK/sources/photo-0$(printf %02d $(((RANDOM + round) % 12))).png
        drop "$other" gray "$(basename "$photo")"
    done
    wait_for "some results of round $round" published_more "$((RANDOM % 10 + 1))"
    kill -9 "$DAEMON"
    wait "$DAEMON" 2>/dev/null
    start_daemon
done
wait_settled 14
wait_for "the daemon to answer" daemon_answers # a killed one leaves its socket
ok "many were rewritten" test "$(generations)" -gt 20
ok "all is sent in the end" ask s3 wait --timeout 60s
ok "after $KILLS kills the trees are the same" same_trees
is "every upload is synced" "$(sql 'SELECT count(*) FROM upload WHERE state NOT IN (2, 3)')" 0
stop_daemon

# ---- secrets are told to nobody

SECRET=hunter2-c0rrect-h0rse
mirror_on "access_key_id = \"AKIDTEST\"; secret_access_key = \"$SECRET\"; session_token = \"$SECRET-token\";"
sed -i 's/log_level = "info"/log_level = "debug"/' "$CONF"
chmod 644 "$CONF"
"$DROPMILLD" --config "$CONF" --check-config 2>"$WORK/errors"
is "a secret that others can read: 78" $? 78
ok "it says what to do" grep -q 'chmod 600' "$WORK/errors"
chmod 600 "$CONF"
start_daemon
drop "$WORK/sources/photo-002.png" gray secret.png
wait_settled 15
ok "sent" ask --quiet s3 wait --timeout 60s
ranks=$(pgrep -f "^[^ ]*dropmill-worker" | tr '\n' ' ')
ok "there is a rank to look at" test -n "$ranks"
secret_in() { # FILE...
    cat -- "$@" 2>/dev/null | tr '\0' '\n' | grep -qF "$SECRET"
}
not() {
    ! "$@"
}
for pid in $DAEMON $ranks; do
    ok "no secret in the arguments and environment of $(cat "/proc/$pid/comm")" \
        not secret_in "/proc/$pid/cmdline" "/proc/$pid/environ"
done
ok "no secret in the log" not secret_in "$WORK/log"
ok "no secret where jobs tell their stories" not grep -rqF "$SECRET" "$WORK/run"
ok "no secret in the ledger" not grep -rqF "$SECRET" "$WORK/state"
ok "no secret in what is printed" not grep -qF "$SECRET" <(
    "$DROPMILLD" --config "$CONF" --print-config
    ask status
    ask --json status
    ask s3 status
    ask s3 check
)
stop_daemon
chmod 644 "$CONF"

# ---- required: an original stays until its result is there

mirror_on 'required = true;'
mv "$STORE" "$STORE.away"
start_daemon
drop "$WORK/sources/photo-001.png" gray needed.png
wait_for "the result" test -e "$SHARE/outbox/gray/needed.png"
ok "its original waits" is_in gray/needed.png PUBLISHED
ok "and is in the inbox" test -e "$SHARE/inbox/gray/needed.png"
mv "$STORE.away" "$STORE"
ask s3 retry >/dev/null
wait_settled 16
ok "then it is put away" test -e "$SHARE/originals/gray/needed.png"
ok "the result is in the store" cmp "$SHARE/outbox/gray/needed.png" "$STORE/results/gray/needed.png"
ok "the daemon stops when told" stop_daemon
done_testing
