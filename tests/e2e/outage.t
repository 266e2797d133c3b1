#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk of its own under the share, and what can happen to one in the middle of the work: unmounted, frozen, its power cut,
# its directories closed. Nothing is lost, deleted or failed, and each file is done in the end.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "mounting needs root"
: "${OUTAGE_ROUNDS:=1}"
FILES=120
make_photos $FILES 120 80 png
truncate -s 200M "$WORK/image"
mkfs.ext4 -q "$WORK/image" || skip_all "there is no mkfs.ext4"
mkdir "$WORK/share"
attach() { # only when nobody holds it any more
    [ -z "$(losetup -j "$WORK/image")" ] && mount -o loop "$WORK/image" "$WORK/share"
}
attach 2>/dev/null || skip_all "there are no loop devices"
new_share
cat >>"$CONF" <<'CONF'
engine = { threads = 1; batch_files = 8; };
inbox = { settle_closed = "100ms"; settle_unseen = "300ms"; sweep = "500ms"; };
outbox = { retry = "500ms"; };
CONF
start_daemon

is_online() { # true or false
    [ "$("$DROPMILL" --share "$SHARE" --config "$CONF" --json status | json_member daemon.share.online)" = "$1" ]
}
done_at_least() {
    [ "$(count_in DONE)" -ge "$1" ]
}
# A drop that a power cut does not take back, and work on it.
begin() {
    cp -r "$WORK/sources" "$WORK/share/dropping"
    sync -f "$WORK/share"
    mv "$WORK/share/dropping" "$SHARE/inbox/gray ($1)"
    sync -f "$WORK/share"
    wait_for "work to begin" done_at_least $((ended + 5 + RANDOM % 60))
}
end() { # WHAT
    ended=$((ended + FILES))
    ok "$1: all are done" wait_ends $ended 0
    ok "$1: no file is in the inbox" wait_for "the inbox" there_are 0 "$SHARE/inbox"
    ok "$1: each original is there" wait_for "originals" there_are $ended "$SHARE/originals"
    ok "$1: each result is there" wait_for "results" there_are $ended "$SHARE/outbox" -size +0
}
there_are() { # COUNT DIR TEST... What a power cut has brought back is noticed after the share is.
    local count=$1
    shift
    [ "$(find "$@" -type f | wc -l)" = "$count" ]
}
unmounted() {
    umount "$WORK/share" 2>/dev/null
}
cut_power() {
    /usr/bin/python3 - "$WORK/share" <<'PY'
import fcntl, os, struct, sys
EXT4_IOC_SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
PY
}

ended=0
for ((round = 1; round <= OUTAGE_ROUNDS; round++)); do
    begin "unmounted $round"
    umount -l "$WORK/share"
    ok "unmounted: offline" wait_for "offline" is_online false
    is "unmounted: nothing was put into its place" "$(find "$WORK/share" -mindepth 1 | wc -l)" 0
    wait_for "the loop device" attach 2>/dev/null
    end "unmounted"

    begin "frozen $round"
    if fsfreeze -f "$WORK/share" 2>/dev/null; then
        ok "frozen: status answers" wait_for "silence" "$DROPMILL" --share "$SHARE" --config "$CONF" status
        fsfreeze -u "$WORK/share"
    else
        skip 1 "it cannot be frozen"
    fi
    end "frozen"

    begin "closed $round"
    chmod 0 "$SHARE/inbox/gray (closed $round)" "$SHARE/inbox"
    moment
    chmod 770 "$SHARE/inbox" "$SHARE/inbox/gray (closed $round)"
    end "closed"

    begin "power $round"
    if cut_power 2>/dev/null; then
        ok "power cut: offline" wait_for "offline" is_online false
        wait_for "it to be free" unmounted
        attach
        end "power cut"
        returned=$(sql "SELECT count(*) FROM history WHERE fact = 'returned'")
        echo "# $returned originals came back"
    else
        skip 1 "its power cannot be cut"
        end "power cut"
    fi
done
is "failed/ is empty" "$(find "$SHARE/failed" -type f | wc -l)" 0
ok "no temporary is left" wait_for "no temporary" no_temporaries
ok "the daemon stops when told" stop_daemon
umount "$WORK/share"
done_testing
