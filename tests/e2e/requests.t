#!/bin/bash
# SPDX-License-Identifier: MIT
# What can be asked of the daemon (watcher/requests.h), by another user of its group: each request with what it
# refuses. A pause outlives the daemon; a stop and a retry of 2,000 files outlive kill -9, and lose and double nothing.
. "$(dirname "$0")/lib.sh"

service_runs
FILES=2000
make_photos 1 64 64 png
install -m 755 "$ROOT/tests/lib/control.py" "$WORK/control.py"
new_share
cp "$CONF" "$WORK/plain.conf"
echo 'outbox = { retry = "500ms"; };' >>"$CONF"
echo 'inbox = { sweep = "1s"; rename_grace = "100ms"; };' >>"$CONF"

ask() { # REQUEST, as the page asks
    as_mate "$WORK/control.py" "$SOCKET" "$1"
}
says() { # REQUEST LINE...: the whole answer
    local request=$1
    shift
    [ "$(ask "$request")" = "$(printf '%s\n' "$@")" ] || { ask "$request" | sed 's/^/# /'; return 1; }
}
refuses() { # REQUEST WORDS: nothing is done, and why
    local answer
    answer=$(ask "$1")
    if ! grep -qF "$2" <<<"$answer" || [[ $answer != error* && $answer != ok$'\n0\n'refused* ]]; then
        echo "# $answer"
        return 1
    fi
}
item() { # NAME: of status
    ask status | sed -n "s/^$1\t//p"
}
held_by() { # REASON
    [ "$(item work.held)" = "$1" ]
}
start() {
    start_daemon
    SOCKET=$(ls "$WORK"/run/*/control.sock)
    LEDGER_DIR=$(dirname "$LEDGER")
}
kill_daemon() {
    kill -9 "$DAEMON"
    wait "$DAEMON" 2>/dev/null
    DAEMON=
}
drop_many() { # FOLDER: $FILES files in inbox/gray/FOLDER
    local i
    mkdir "$WORK/$1"
    for ((i = 0; i < FILES; i++)); do
        cp "$WORK/sources/photo-000.png" "$WORK/$1/$i.png"
    done
    mkdir -p "$SHARE/inbox/gray"
    chown -R "$SERVICE_UID:$SHARE_GID" "$SHARE/inbox/gray" 2>/dev/null
    chmod 2770 "$SHARE/inbox/gray"
    drop_folder "$WORK/$1" "gray/$1"
    rm -r "${WORK:?}/$1"
}
rows() { # FOLDER CONDITION: how many of its rows are so
    sql "SELECT count(*) FROM files WHERE path LIKE 'gray/$1/%' AND $2"
}
all_are() { # FOLDER CONDITION: and there are as many as were dropped
    [ "$(rows "$1" "$2")" = "$FILES" ] && [ "$(rows "$1" 1)" = "$FILES" ]
}
some_are() { # FOLDER CONDITION
    [ "$(rows "$1" "$2")" -gt 0 ]
}
in_room() { # ROOM FOLDER
    find "$SHARE/$1/gray/$2" -name '*.png' 2>/dev/null | wc -l
}

# ---- who may

start
is "the socket is for the group" "$(stat -c %a "$SOCKET")" 660
is "so is the ledger" "$(stat -c %a "$LEDGER" "$LEDGER-wal" "$LEDGER-shm" | sort -u)" 640
is "and what it stands in" "$(stat -c %a "$LEDGER_DIR" "$(dirname "$SOCKET")" | sort -u)" 750
read_as() { # PREFIX...
    "$@" sqlite3 -readonly "$LEDGER" 'SELECT count(*) FROM file' 2>/dev/null
}
is "a mate reads the ledger" "$(read_as as_mate)" 0
ok "and asks" grep -q '^pid' <(ask status)
if has_users; then
    is "a stranger does not read it" "$(read_as as_stranger)" ""
    ok "nor asks" grep -q 'Permission denied' <(as_stranger "$WORK/control.py" "$SOCKET" status 2>&1)
else
    skip 2 "playing a stranger needs root"
fi
stop_daemon
is "a mate reads it while no daemon runs" "$(read_as as_mate)" 0
start

# ---- what is none

ok "an unknown request" refuses nonsense "unknown request: 'nonsense'"
ok "wrong arguments" refuses "rename a" "expected 'rename FROM TO'"
ok "help lists them" grep -q '^stop PATH' <(ask help)
ok "retry: no number" refuses "retry gray" "is no number"
ok "retry: no such row" refuses "retry 77" "there is no such file"
ok "retry: nothing failed there" refuses "retry-under gray" "there is no such file in failed"
ok "retry: no path" refuses "retry-under ../x" "is no path below the inbox"
ok "retry: all of nothing" says retry-all ok 0
ok "stop: no path" refuses "stop /etc" "is no path below the inbox"
ok "stop: nothing there" says "stop gray" ok 0
ok "pause: a time that is over" refuses "pause 1000" "over already"
ok "pause: no time" refuses "pause soon" "is no number"
ok "resume: not paused" says resume ok 0
ok "no mirror" refuses "mirror retry" "there is no mirror"

# ---- folders

ok "make a folder" says "make-folder blur-5" ok 1
ok "it is there" test -d "$SHARE/inbox/blur-5"
ok "people may write there" as_mate cp "$WORK/sources/photo-000.png" "$SHARE/inbox/blur-5/"
ok "once more makes none" says "make-folder blur-5" ok 0
ok "one that is not understood" refuses "make-folder blurr-5" "blur-5"
ok "none that leads elsewhere" refuses "make-folder .." "no name of a folder"
ok "nor one in another" refuses "make-folder blur-5/x" "no name of a folder"
drop "$WORK/sources/photo-000.png" grey-scael
drop "$WORK/sources/photo-000.png" "blurr 7" other.png
has_problems() {
    [ "$(sql "SELECT count(*) FROM folder_problem WHERE folder <> x''")" = "$1" ]
}
ok "two folders are not understood" wait_for "two problems" has_problems 2
ok "rename: one that is there" refuses 'rename\tgrey-scael\tblur-5' "there is a folder 'blur-5' already"
ok "rename: to what is not understood" refuses 'rename\tgrey-scael\tgrey-scale-x' "refused"
ok "rename: out of the inbox" refuses 'rename\tgrey-scael\t../gray' "no name of a folder"
ok "rename: one that is understood" refuses 'rename\tblur-5\tgray' "only a folder whose name is not understood"
ok "rename: one that is not there" refuses 'rename\tnothing\tgray' "only a folder whose name is not understood"
is "nothing was renamed" "$(ls "$SHARE/inbox")" "$(printf '%s\n' blur-5 'blurr 7' grey-scael)"

# ---- pause

ok "pause" says pause ok 1
ok "status says so" wait_for "the pause" held_by paused
ok "and by whom" grep -q "^uid" <(item work.by)
ok "people are told" grep -q '^work *paused' <("$DROPMILL" --share "$SHARE" --config "$CONF" status)
ok "rename while files wait" says 'rename\tgrey-scael\tgray' ok 1
ok "its file waits" wait_for "it" is_in gray/photo-000.png READY
ok "the problem is gone" wait_for "one problem" has_problems 1
kill_daemon
start
ok "it outlives kill -9" wait_for "the pause" held_by paused
drop "$WORK/sources/photo-000.png" invert
ok "a new file waits, too" wait_for "it" is_in invert/photo-000.png READY
is "nothing was done meanwhile" "$(count_in DONE)" 1
ok "resume" says resume ok 1
ok "all are done" wait_ends 3 0
ok "a pause with an end says when that is" grep -q "until $(date -d '+2 days' +%F)" <(as_mate "$DROPMILL" --share "$SHARE" --config "$CONF" pause --for 2d)
ok "a pause with an end" as_mate "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet pause --for 1s
ok "ends by itself" wait_for "the end" held_by off

# ---- stop

ok "pause" says pause ok 1
drop_many one
ok "2,000 files wait" wait_for "them" all_are one "state = 'READY'"
ok "resume" says resume ok 1
ok "the daemon works" wait_for "a result" some_are one "state IN ('RUNNING', 'COMPUTED', 'PUBLISHED', 'DONE')"
ask "stop gray/one" >"$WORK/stopped"
drop "$WORK/sources/photo-000.png" sepia
ended_all() {
    all_are "$1" "(state = 'DONE' OR (state = 'FAILED' AND reason = 'stopped' AND retired))"
}
ok "what waited is stopped, what ran is done" wait_for "the end" ended_all one
ok "others are not" wait_for "it" is_in sepia/photo-000.png DONE
stopped=$(rows one "state = 'FAILED'")
is "the answer says how many" "$(sed -n 2p "$WORK/stopped")" "$stopped"
ok "some were" test "$stopped" -gt 0
is "they lie in failed" "$(in_room failed one)" "$stopped"
is "with their notes" "$(find "$SHARE/failed/gray/one" -name '*.png.txt' | wc -l)" "$stopped"
is "the others are made" "$(in_room outbox one)" $((FILES - stopped))
is "nothing is left in the inbox" "$(in_room inbox one)" 0
ok "the note says so" grep -rqF 'You stopped this.' "$SHARE/failed/gray/one"
ok "ls says so" grep -q 'stopped' <("$DROPMILL" --share "$SHARE" --config "$CONF" ls --failed)
ok "so does history" grep -q 'stopped *failed' <("$DROPMILL" --share "$SHARE" --config "$CONF" history -n 50000)

# ---- stop, killed in the middle

ok "pause" says pause ok 1
drop_many two
ok "2,000 files wait" wait_for "them" all_are two "state = 'READY'"
ask "stop gray/two" >/dev/null &
asking=$!
wait_for "the first" some_are two "state = 'FAILED'"
kill_daemon
wait $asking
echo "# killed when $(rows two "state = 'FAILED'") were stopped, $(in_room failed two) moved"
start
ok "it is gone on with" wait_for "the end" all_are two "state = 'FAILED' AND reason = 'stopped' AND retired"
is "all lie in failed" "$(in_room failed two)" $FILES
is "none in the inbox" "$(in_room inbox two)" 0
is "it stands in the ledger no more" "$(sql "SELECT count(*) FROM counter WHERE name LIKE 'order%'")" 0

# ---- retry, killed in the middle

ask "retry-under gray/two" >/dev/null &
asking=$!
some_back() {
    [ "$(in_room inbox two)" -gt 0 ]
}
wait_for "the first" some_back
kill_daemon
wait $asking
echo "# killed when $(in_room inbox two) were back"
start
ok "it is gone on with" wait_for "the end" all_are two "state = 'READY' AND generation = 2"
is "none is left in failed" "$(in_room failed two)" 0
is "no note either" "$(find "$SHARE/failed/gray/two" -name '*.txt' 2>/dev/null | wc -l)" 0
ok "resume" says resume ok 1
ok "all are done, once" wait_for "the end" all_are two "state = 'DONE' AND generation = 2 AND attempt = 1"
is "and made" "$(in_room outbox two)" $FILES
is "their originals are kept" "$(in_room originals two)" $FILES

# ---- retry of rows, and of what no row tells of

row=$(sql "SELECT min(id) FROM file WHERE state = 6")
path=$(sql "SELECT CAST(path AS TEXT) FROM file WHERE id = $row")
done_row=$(sql "SELECT id FROM file WHERE state = 5 LIMIT 1")
ok "rows" grep -qx 1 <(ask "retry $row $done_row")
ok "it is done after all" wait_for "it" is_in "$path" DONE 2
ok "one that is done is not tried" refuses "retry $done_row" "it has not failed: it is done"
as_service mkdir -p "$SHARE/failed/invert"
as_service cp "$WORK/sources/photo-000.png" "$SHARE/failed/invert/stray.png"
ok "a file that no row knows" says "retry-under invert" ok 1
ok "is tried, too" wait_for "it" is_in invert/stray.png DONE
row=$(sql "SELECT id FROM file WHERE state = 6 LIMIT 1")
path=$(sql "SELECT CAST(path AS TEXT) FROM file WHERE id = $row")
mv "$SHARE/failed/$path" "$WORK/taken.png"
ok "one that somebody has taken" refuses "retry $row" "it is not in failed any more"
as_mate "$DROPMILL" --share "$SHARE" --config "$CONF" retry --all >"$WORK/told"
ok "dropmill retry: the rest" grep -q "files are back in the inbox" "$WORK/told" # all, or those of a second
all_but_one_done() {
    [ "$(rows one "state = 'DONE'")" = $((FILES - 1)) ]
}
ok "they are done" wait_for "them" all_but_one_done

# ---- a folder alone, without those in it

ok "pause" says pause ok 1
as_mate mkdir -p "$SHARE/inbox/sepia/of others"
for name in loose.png "of others/theirs.png"; do
    as_mate cp "$WORK/sources/photo-000.png" "$SHARE/inbox/sepia/$name"
    ok "$name waits" wait_for "it" is_in "sepia/$name" READY
done
ok "stop what is loose" says "stop sepia/" ok 1
is "others wait on" "$(sql "SELECT state FROM files WHERE path = 'sepia/of others/theirs.png'")" READY
ok "it is stopped" wait_for "it" test -f "$SHARE/failed/sepia/loose.png"
ok "and tried again" says "retry-under sepia/" ok 1
ok "resume" says resume ok 1
ok "both are done" wait_for "it" is_in sepia/loose.png DONE 2

# ---- what is still being copied

mkfifo "$WORK/more"
chmod 666 "$WORK/more"
as_service sh -c "umask 2; { head -c 100 '$WORK/sources/photo-000.png'; cat '$WORK/more'; } >'$SHARE/inbox/gray/half.png'" &
ok "a file that is being copied" wait_for "it" is_in gray/half.png SEEN
ok "is stopped" says "stop gray/half.png" ok 1
is "and waits for its writer" "$(sql "SELECT reason FROM files WHERE path = 'gray/half.png' AND state IN ('FAILED', 'PARKED')")" stopped
tail -c +101 "$WORK/sources/photo-000.png" >"$WORK/more"
ok "it goes when that is done" wait_for "it" test -f "$SHARE/failed/gray/half.png"
ok "whole" cmp -s "$WORK/sources/photo-000.png" "$SHARE/failed/gray/half.png"
ok "and stopped" wait_for "it" is_in gray/half.png FAILED 1
ok "the daemon stops when told" stop_daemon

# ---- quiet hours, and no room

cp "$WORK/plain.conf" "$CONF"
sed -i '/^min_free/d' "$CONF"
printf 'min_free = "32MB";\nquiet_hours = "00:00-24:00";\n' >>"$CONF"
start
drop "$WORK/sources/photo-000.png" gray quiet.png
ok "in quiet hours a file waits" wait_for "it" is_in gray/quiet.png READY
ok "and status says why" held_by "quiet hours"
ok "the daemon stops when told" stop_daemon
sed -i '/^quiet_hours/d' "$CONF"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o "size=16m,mode=2770,uid=$SERVICE_UID,gid=$SHARE_GID" tmpfs "$SHARE/outbox" 2>/dev/null; then
    start
    ok "where there is no room" wait_for "the reason" held_by "no room"
    drop "$WORK/sources/photo-000.png" gray room.png
    ok "a file waits" wait_for "it" is_in gray/room.png READY
    ok "status says how much there is" grep -q '1[0-9]MB are free where results go, expected at least 32MB' <(item work.problem)
    is "in bytes, too" "$(item share.free_bytes)" "$(($(stat -f -c '%a * %S' "$SHARE/outbox")))"
    is "nothing failed of it" "$(count_in FAILED PARKED)" "$(sql "SELECT count(*) FROM files WHERE reason = 'stopped'")"
    mount -o remount,size=64m "$SHARE/outbox"
    ok "room again: it is done" wait_for "it" is_in gray/room.png DONE
    ok "the daemon stops when told" stop_daemon
    umount "$SHARE/outbox"
else
    skip 6 "mounting needs root"
fi
done_testing
