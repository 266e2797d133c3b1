#!/bin/bash
# SPDX-License-Identifier: MIT
# Each place that dropmill writes to is full in turn, or refuses: the ledger's, the share, the runtime directory, /tmp. One
# line of the log and `dropmill status` name the cause and the place, nothing is lost, and work goes on by itself when there
# is room.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "mounting needs root"
make_photos 6 400 300 png
new_share
mkdir "$WORK/state" "$WORK/run"
mount -t tmpfs -o size=32m,mode=755 tmpfs "$WORK/state" || skip_all "cannot mount a tmpfs"
fill() { # DIRECTORY: to the last byte
    dd if=/dev/zero of="$1/ballast" bs=4k status=none 2>/dev/null
    [ -s "$1/ballast" ]
}
status_says() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" status >"$WORK/status" 2>&1
    grep -qE "$1" "$WORK/status" || { sed 's/^/# status: /' "$WORK/status"; return 1; }
}
status_does_say() { # the same, while it is waited for
    "$DROPMILL" --share "$SHARE" --config "$CONF" status 2>&1 | grep -qE "$1"
}
lines_with() {
    grep -cE "$1" "$WORK/log"
}
logged() { # WORDS [TIMES]
    [ "$(lines_with "$1")" = "${2:-1}" ]
}
everything() { # originals, wherever they are
    find "$SHARE/inbox" "$SHARE/originals" -type f | wc -l
}
no_room="no space left in '$WORK/state/[^']*': less than 1MB free there, expected at least 8MB"

# ---- the ledger's disk is full

start_daemon
drop "$WORK/sources/photo-000.png" gray
wait_ends 1 0
fill "$WORK/state"
drop "$WORK/sources/photo-001.png" gray
ok "a full disk of the ledger: the log says so" wait_for "the line" logged "the ledger: $no_room"
ok "status says so" status_says "ledger: $no_room"
ok "the page in the share says so" wait_for "the page" grep -q "no space left in" "$SHARE/_Status.html"
ok "the daemon answers" daemon_answers
rm "$WORK/state/ballast"
ok "room again: it goes on" wait_ends 2 0
ok "and says so" logged "the ledger can be written again"
is "one line told of it" "$(lines_with "no space left")" 1

# ---- the same, and the daemon is killed, and started

fill "$WORK/state"
drop "$WORK/sources/photo-002.png" gray
ok "full again" wait_for "the line" logged "the ledger: $no_room" 2
kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null
is "killed meanwhile: no original is lost" "$(everything)" 3
"$DROPMILLD" --share "$SHARE" --config "$CONF" >>"$WORK/log" 2>&1 &
DAEMON=$!
ok "it waits at the start" wait_for "the line" logged "the ledger: $no_room" 3
ok "and status knows why" status_says "ledger: $no_room"
ok "and does not say that none runs" eval "! status_says 'no dropmilld watches'"
rm "$WORK/state/ballast"
ok "room again: it begins" wait_ends 3 0
ok "the daemon stops when told" stop_daemon

# ---- it is read-only

mount -o remount,ro "$WORK/state"
drop "$WORK/sources/photo-003.png" gray
"$DROPMILLD" --share "$SHARE" --config "$CONF" >>"$WORK/log" 2>&1 &
DAEMON=$!
ok "a read-only disk: it waits" wait_for "the line" logged "cannot write in '$WORK/state/[^']*': its file system is read-only"
ok "and status knows why" status_says "its file system is read-only"
mount -o remount,rw "$WORK/state"
ok "writable again: it begins" wait_ends 4 0

# ---- the disk fails when it is written, whatever it says of its room

stop_daemon
if [ -c /dev/fuse ] && /usr/bin/python3 -c 'import fusepy' 2>/dev/null; then
    mkdir "$WORK/disk"
    cp -a "$WORK/state/." "$WORK/disk"
    umount "$WORK/state"
    "$ROOT/tests/lib/faulty_fs.py" "$WORK/disk" "$WORK/state" "$WORK/faults" 2>"$WORK/fuse.log" &
    wait_for "the file system" grep -q "^faulty $WORK/state" /proc/mounts
    start_daemon
    echo 'write EIO *' >"$WORK/faults"
    drop "$WORK/sources/photo-004.png" gray
    ok "a commit that fails: the log names the ledger and why" wait_for "the line" logged \
        "cannot use the ledger '$LEDGER': disk I/O error.*; the work under way is given up, nothing is lost"
    ok "it waits for the disk" wait_for "the line" logged "cannot write in '[^']*': Input/output error; nothing is done"
    is "no original is lost" "$(everything)" 5
    ok "by the same process" kill -0 "$DAEMON"
    rm "$WORK/faults"
    ok "the disk is well again: it begins again" wait_ends 5 0
    ok "the ledger is whole" [ "$(sql 'PRAGMA quick_check')" = ok ]
    stop_daemon
    umount "$WORK/state"
    cp -a "$WORK/disk/." "$WORK/state"
else
    skip 6 "a file system of our own needs FUSE and python3-fusepy"
    drop "$WORK/sources/photo-004.png" gray
fi

# ---- the runtime directory and TMPDIR are full

mount -t tmpfs -o size=4m,nr_inodes=64,mode=755 tmpfs "$WORK/run"
mkdir "$WORK/tmp"
mount -t tmpfs -o size=64k tmpfs "$WORK/tmp"
fill "$WORK/tmp"
TMPDIR=$WORK/tmp start_daemon
fill "$WORK/run"
for i in {1..64}; do : >"$WORK/run/$i"; done 2>/dev/null
drop "$WORK/sources/photo-005.png" gray
ok "a full runtime directory: status names it" wait_for "status" status_does_say "'$WORK/run/.*No space left on device"
ok "and the log" logged "warning: the worker cannot work: cannot make '$WORK/run/.*No space left on device"
is "nothing failed" "$(count_in FAILED)" 0
find "$WORK/run" -maxdepth 1 -type f -delete
ok "room again: it goes on" wait_ends 6 0
stop_daemon
umount "$WORK/run"

# ---- the share is full, all of it

umount "$WORK/state" 2>/dev/null
rm -rf "$WORK/state" "$SHARE" 
mkdir "$SHARE"
mount -t tmpfs -o size=8m,mode=755 tmpfs "$SHARE"
new_share
printf 'outbox = { retry = "500ms"; };\n' >>"$CONF"
start_daemon
"$DROPMILL" --share "$SHARE" --config "$CONF" pause >/dev/null
drop_folder "$WORK/sources" invert
fill "$SHARE"
"$DROPMILL" --share "$SHARE" --config "$CONF" resume >/dev/null
parked() {
    [ "$(count_in PARKED)" -ge 1 ]
}
ok "a full share parks" wait_for "a parked file" parked
ok "status says so" status_says "the disk of the share is full"
ok "and where" grep -q "cannot write into '$SHARE/outbox/invert': No space left on device" "$WORK/status"
ok "the log says so in one line" logged "results cannot be written: cannot write into '$SHARE/outbox/invert': No space left"
is "nothing failed" "$(count_in FAILED)" 0
rm "$SHARE/ballast"
ok "room again: all done" wait_ends 6 0
is "no original is lost" "$(everything)" 6

# ---- the originals have a disk of their own, and it is full

mount -t tmpfs -o size=64k,mode=755 tmpfs "$SHARE/originals"
stop_daemon
start_daemon
fill "$SHARE/originals"
drop "$WORK/sources/photo-000.png" gray
ok "a full disk of originals parks" wait_for "a parked file" parked
ok "status says so" status_says "cannot move the original to originals: 'gray/photo-000.png': No space left on device"
ok "the log says so in one line" logged "cannot move the original to originals: 'gray/photo-000.png': No space left"
ok "its result is there" test -s "$SHARE/outbox/gray/photo-000.png"
ok "and its original" test -s "$SHARE/inbox/gray/photo-000.png"
rm "$SHARE/originals/ballast"
mount -o remount,size=8m "$SHARE/originals"
ok "room again: done" wait_ends 7 0
ok "the daemon stops when told at the end" stop_daemon
umount "$SHARE/originals" "$SHARE"
done_testing
