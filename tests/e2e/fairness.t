#!/bin/bash
# SPDX-License-Identifier: MIT
# Nobody waits for what others dropped before: a few files after very many, a very large one among small ones, two
# large folders. Told by the order of the ledger's history, so that it does not matter how fast this machine is. And a
# job is up when the first file is ready.
. "$(dirname "$0")/lib.sh"

copies() { # COUNT DIRECTORY: of a tiny picture
    python3 - "$1" "$2" "$WORK/sources/photo-000.png" <<'PYTHON'
import os, sys
count, directory, picture = sys.argv[1:]
with open(picture, "rb") as file:
    data = file.read()
os.makedirs(directory)
for i in range(int(count)):
    with open(f"{directory}/{i}.png", "wb") as file:
        file.write(data)
PYTHON
}
drop_many() { # COUNT FOLDER: of them, moved in at once
    copies "$1" "$WORK/many"
    mkdir -p "$SHARE/inbox/$2"
    mv "$WORK/many" "$SHARE/inbox/$2/set"
}
# For each file of FOLDER: how many files elsewhere had FACT between its facts FROM and TO; the most
others_between() { # FOLDER FACT FROM TO
    sql "CREATE TEMP TABLE fact AS SELECT id, CAST(path AS TEXT) AS path, fact FROM history;
         SELECT max((SELECT count(*) FROM fact AS other WHERE other.fact = '$2' AND other.path NOT GLOB '$1/*'
                     AND other.id BETWEEN first.id AND last.id))
         FROM fact AS first JOIN fact AS last ON first.path = last.path
         WHERE first.path GLOB '$1/*' AND first.fact = '$3' AND last.fact = '$4'"
}
at_most() { # LIMIT COUNT
    echo "# $2, at most $1"
    [ "$2" -le "$1" ]
}
have_had() { # FOLDER FACT COUNT
    [ "$(sql "SELECT count(*) >= $3 FROM history WHERE fact = '$2' AND CAST(path AS TEXT) GLOB '$1/*'")" = 1 ]
}
fresh_share() { # SETTINGS
    rm -rf "$WORK/share" "$WORK/state" "$WORK/run"
    new_share
    echo "$1" >>"$CONF"
    start_daemon
}
engine_is() {
    [ "$("$DROPMILL" --share "$SHARE" --config "$CONF" --json status | json_member daemon.engine.state)" = "$1" ]
}

make_photos 1 64 64 png
SETTLE='inbox = { settle_closed = "200ms"; settle_unseen = "200ms"; }; engine = { threads = 2; };'

# ---- 3 after 5000
fresh_share "$SETTLE"
drop_many 5000 gray
ok "5000 files are under way" wait_for "some of them" have_had gray computed 300
drop_many 3 sepia
drop_many 3 gray/few
ok "3 files in another folder, and 3 in a subfolder, are done" wait_for "them" \
    eval 'have_had sepia retired 3 && have_had gray/few retired 3'
ok "before the 5000 are" [ "$(count_in DONE)" -lt 4500 ]
for few in sepia gray/few; do
    ok "$few: it is handed out next" at_most 12 "$(others_between $few dispatched settled dispatched)"
    ok "$few: it is worked on next" at_most 250 "$(others_between $few computed dispatched computed)"
done
ok "and all are, in the end" wait_ends 5006 0
ok "the daemon stops when told" stop_daemon

# ---- two large folders, one after the other
fresh_share "$SETTLE"
drop_many 1500 gray
ok "1500 files are under way" wait_for "some of them" have_had gray computed 100
drop_many 1500 sepia
ok "3000 files are done" wait_ends 3000 0
# What the one had more than the other, at most, from the first file of the second to the last of the first.
lead=$(sql "CREATE TEMP TABLE made AS SELECT id, path >= x'73' AS second FROM history WHERE fact = 'computed';
            SELECT max(abs(lead)) FROM (SELECT sum(2 * second - 1) OVER (ORDER BY id) AS lead FROM made
            WHERE id BETWEEN (SELECT min(id) FROM made WHERE second) AND (SELECT max(id) FROM made WHERE NOT second))")
ok "both progress alike" at_most 200 "$lead"
ok "the daemon stops when told" stop_daemon

# ---- one of 100 MP among 200
fresh_share "$SETTLE"
copies 200 "$WORK/mixed"
vips black "$WORK/mixed/100.jpg[Q=50]" 10000 10000 --bands 3
mv "$WORK/mixed" "$SHARE/inbox/blur-9"
ok "201 files are done" wait_ends 201 0
ok "none of 200 waits for one of 100 MP" at_most 0 "$(sql "SELECT count(*) FROM history WHERE fact = 'computed'
    AND id > (SELECT id FROM history WHERE fact = 'computed' AND path = CAST('blur-9/100.jpg' AS BLOB))")"
ok "the daemon stops when told" stop_daemon

# ---- cold
fresh_share 'inbox = { settle_closed = "10s"; settle_unseen = "10s"; };'
ok "without files there is no job" engine_is idle
drop "$WORK/sources/photo-000.png" gray
ok "a job is up before the first file is ready" wait_for "a warm job" engine_is warm
is "it is not" "$(sql "SELECT state FROM files")" SEEN
ok "it is done" wait_ends 1 0
is "by that job" "$(sql "SELECT max(job) FROM file")" 1
ok "the daemon stops when told" stop_daemon
done_testing
