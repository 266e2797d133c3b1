#!/bin/bash
# SPDX-License-Identifier: MIT
# The ledger of an earlier release, in the middle of its work, is taken over by this one: commands that only read say what to
# do, the daemon brings it up to date and goes on, and all that was under way is done. tests/data/ledger-N.sql are what
# daemons of the earlier releases wrote (tests/lib/store_ledger.py).
. "$(dirname "$0")/lib.sh"

make_photos 3 300 200 png

# The files that the ledger says are there: in the inbox, or in originals/ and failed/.
fit_share() {
    /usr/bin/python3 - "$LEDGER" "$SHARE" "$WORK/sources/photo-000.png" <<'PY'
import os, shutil, sqlite3, sys
ledger, share, picture = sys.argv[1:]
db = sqlite3.connect(ledger)
for path, state, retired, output in db.execute("SELECT path, state, retired, output FROM file"):
    path, output = path.decode(), output.decode()
    room = "inbox" if not retired else "failed" if state == 6 else "originals"
    for place in [f"{share}/{room}/{path}"] + [f"{share}/outbox/{output}"] * (state == 5):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(picture, place)
    if room == "inbox" and path.endswith("half.png"):
        os.truncate(f"{share}/inbox/{path}", 1000)
PY
}
DUE="state IN ('SEEN', 'READY', 'RUNNING', 'COMPUTED', 'PUBLISHED', 'PARKED')"

for stored in "$ROOT"/tests/data/ledger-*.sql; do
    name=$(basename "$stored" .sql)
    rm -rf "$WORK/share" "$WORK/state" "$WORK/run"
    : >"$WORK/log"
    new_share
    id=$(cat "$SHARE/.dropmill/root.id")
    LEDGER=$WORK/state/$id/ledger.db
    mkdir -p "$(dirname "$LEDGER")"
    sqlite3 "$LEDGER" <"$stored"
    sqlite3 "$LEDGER" 'PRAGMA journal_mode = WAL' >/dev/null
    due=$(sql "SELECT count(*) FROM files WHERE $DUE")
    was_done=$(count_in DONE)
    failed=$(count_in FAILED)
    lines=$(sql 'SELECT count(*) FROM history')
    sql "SELECT path FROM files WHERE $DUE ORDER BY path" >"$WORK/due"
    fit_share

    "$DROPMILL" --share "$SHARE" --config "$CONF" ls >"$WORK/told" 2>&1
    is "$name: who only reads is refused" $? 78
    ok "$name: and told what to do" grep -q 'start dropmilld, or restart the one that runs, to bring it up to date' "$WORK/told"

    start_daemon --moved
    half=$(grep -c 'half.png' "$WORK/due")
    ok "$name: all that was under way is done" wait_ends $((was_done + due - half)) $((failed + half))
    is "$name: each has its result" "$(sql "SELECT count(*) FROM file WHERE state = 5 AND output = x''")" 0
    missing() {
        sql "SELECT CAST(output AS TEXT) FROM file WHERE state = 5" | while read -r output; do
            [ -s "$SHARE/outbox/$output" ] || echo "$output"
        done
    }
    is "$name: in the outbox" "$(missing)" ""
    is "$name: nothing is left in the inbox" "$(find "$SHARE/inbox" -type f ! -name '_*' -path '*.png' ! -path '*/rotat-90/*' | wc -l)" 0
    ok "$name: its history goes on" [ "$(sql 'SELECT count(*) FROM history')" -gt "$lines" ]
    is "$name: the ledger is whole" "$(sql 'PRAGMA quick_check')" ok
    ok "$name: the commands read it" grep -q done-0 <("$DROPMILL" --share "$SHARE" --config "$CONF" ls)
    drop "$WORK/sources/photo-001.png" gray new.png
    ok "$name: new files are done" wait_for "it" is_in gray/new.png DONE
    ok "$name: the daemon stops when told" stop_daemon
done

# One of a release to come.
sqlite3 "$LEDGER" 'PRAGMA user_version = 1000'
"$DROPMILLD" --share "$SHARE" --config "$CONF" >"$WORK/told" 2>&1
is "a newer ledger is refused" $? 78
ok "in words" grep -q "it has version 1000, expected at most [0-9]*: a newer dropmill made it" "$WORK/told"
"$DROPMILL" --share "$SHARE" --config "$CONF" status >"$WORK/told" 2>&1
ok "by the commands, too" grep -q "a newer dropmill made it" "$WORK/told"
done_testing
