#!/bin/bash
# SPDX-License-Identifier: MIT
# Errors of the disk are the share's until proved the picture's: a disk that cannot be read for a while takes the
# share offline and fails nothing; one bad file alone waits, and holds nobody up.
. "$(dirname "$0")/lib.sh"

{ [ "$(id -u)" = 0 ] && [ -c /dev/fuse ]; } || skip_all "a file system of our own needs root and FUSE"
/usr/bin/python3 -c 'import fusepy' 2>/dev/null || skip_all "python3-fusepy is not there"

FILES=60
DISK=$WORK/disk
FAULTS=$WORK/faults
mkdir "$DISK" "$WORK/share"
"$ROOT/tests/lib/faulty_fs.py" "$DISK" "$WORK/share" "$FAULTS" 2>"$WORK/fuse.log" &
wait_for "the file system" grep -q "^faulty $WORK/share" /proc/mounts
make_photos $FILES 200 150 png
new_share
cat >>"$CONF" <<'CONF'
inbox = { settle_closed = "100ms"; settle_unseen = "300ms"; sweep = "500ms"; };
outbox = { retry = "1s"; };
CONF
start_daemon

refuse() { # LINE...
    printf '%s\n' "$@" >"$FAULTS.new"
    mv "$FAULTS.new" "$FAULTS"
}
status_says() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" --json status | grep -q "$1"
}
done_at_least() {
    [ "$(count_in DONE)" -ge "$1" ]
}
refused_at_least() { # how often the share went offline
    [ "$(grep -c 'is offline' "$WORK/log")" -ge "$1" ]
}

# One bad spot: the share has to prove itself, and does.
refuse "read EIO /inbox/invert/bad.png"
cp -r "$WORK/sources" "$SHARE/inbox/invert"
cp "$WORK/sources/photo-000.png" "$SHARE/inbox/invert/bad.png"
parked_alone() {
    [ "$(count_in PARKED)" = 1 ] && is_in invert/bad.png PARKED && done_at_least "$FILES"
}
ok "one bad file waits, its neighbours are done" wait_for "the others" parked_alone
says_unreadable() { # while it is tried again, each second, it has no reason
    [ "$(reason_of invert/bad.png)" = unreadable ]
}
ok "its reason" wait_for "the reason" says_unreadable
before=$(grep -c 'is offline' "$WORK/log")
cp "$WORK/sources/photo-000.png" "$SHARE/inbox/invert/late.png"
ok "it holds nobody up" wait_for "one more" is_in invert/late.png DONE
is "and is no reason to doubt the share" "$(grep -c 'is offline' "$WORK/log")" "$before"
rm "$FAULTS"
ended=$((FILES + 2))
ok "in the end it is done" wait_ends $ended 0

# The same of a name that cannot even be looked at.
refuse "getattr EIO /inbox/invert/bad2.png"
cp "$WORK/sources/photo-000.png" "$DISK/inbox/invert/bad2.png"
spot_is_known() {
    grep -q "cannot look at 'invert/bad2.png'" "$WORK/log"
}
ok "one bad name: the share proves itself, then the name is named" wait_for "the name" spot_is_known
cp "$WORK/sources/photo-000.png" "$SHARE/inbox/invert/later.png"
ok "it holds nobody up" wait_for "one more" is_in invert/later.png DONE
rm "$FAULTS"
ended=$((ended + 2))
ok "and in the end it is done" wait_ends $ended 0

# An original that may not be put away: its result is out, it is named, and it is not made again.
refuse "rename EACCES /inbox/invert/stays.png"
cp "$WORK/sources/photo-000.png" "$SHARE/inbox/invert/stays.png"
ok "an original that may not be moved is held up" wait_for "the refusal" is_in invert/stays.png PARKED
ok "its result is out" [ -s "$SHARE/outbox/invert/stays.png" ]
ok "status names it" status_says "cannot move the original to originals: 'invert/stays.png'"
rm "$FAULTS"
stop_daemon
start_daemon
ended=$((ended + 1))
ok "it is put away at the next start" wait_ends $ended 0
is "and was made once" "$(sql "SELECT count(*) FROM history WHERE CAST(path AS TEXT) = 'invert/stays.png' AND fact = 'computed'")" 1

# The disk. Others go on writing to it: we are not told, and have to look.
for case in "read EIO /inbox/*" "* EIO *" "getattr EIO /inbox/*.png" "open ESTALE /inbox/*.png"; do
    before=$(grep -c 'is offline' "$WORK/log")
    refuse "$case"
    cp -r "$WORK/sources" "$DISK/inbox/gray ($ended)"
    ok "$case: the share goes offline" wait_for "offline" refused_at_least $((before + 1))
    ok "$case: status says why" wait_for "the reason" status_says '"share_problem": "[^"]'
    rm "$FAULTS"
    ended=$((ended + FILES))
    ok "$case: it is back, and all are done" wait_ends $ended 0
done
is "nothing was moved to failed/" "$(find "$DISK/failed" -type f | wc -l)" 0
ok "no temporary is left" no_temporaries
ok "the daemon stops when told" stop_daemon
done_testing
