#!/bin/bash
# SPDX-License-Identifier: MIT
# More files at once than the kernel can tell of: each is done once, none is lost, and who drops one picture into another
# folder meanwhile is served. $STORM_FILES files of 2 KB (the long form, make storm: 100,000) in one folder, a quarter as many
# folders of four.
. "$(dirname "$0")/lib.sh"

: "${STORM_FILES:=1600}"
: "${DEADLINE:=1800}"
make_photos 1 24 24 png
new_share
cat >>"$CONF" <<'CONF'
log_level = "warning";
inbox = { max_folders = 200000; };
CONF
sed -i '/^log_level = "info"/d' "$CONF"
start_daemon
drop "$WORK/sources/photo-000.png" gray # the job is warm
wait_ends 1 0

pour() { # DIRECTORY FILES-A-FOLDER: as fast as one process can, each written, closed, and never touched again
    /usr/bin/python3 - "$WORK/sources/photo-000.png" "$1" "$STORM_FILES" "$2" <<'PY'
import os, sys
picture, top, files, each = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
data = open(picture, "rb").read()
data += b"\0" * (2048 - len(data))  # behind the end of a PNG nobody reads
for i in range(files):
    folder = top if each == 0 else f"{top}/{i // each}"
    if each and i % each == 0:
        os.makedirs(folder)
    with open(f"{folder}/{i}.png", "wb") as file:
        file.write(data)
PY
}
overflows() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" --json status | json_member daemon.inbox.overflows
}
rss_mb() {
    awk '/^VmHWM/ {print int($2 / 1000)}' "/proc/$DAEMON/status"
}
expect_all() { # WHAT FILES
    ok "$1: all are done" wait_ends "$2" 0
    is "$1: each original was retired once" "$(sql "SELECT count(*) FROM history WHERE fact = 'retired'")" "$2"
    is "$1: none is left" "$(find "$SHARE/inbox" -type f | wc -l)" 0
    is "$1: each result is there" "$(find "$SHARE/outbox" -type f | wc -l)" "$2"
}
moved_in() { # PATH: is it done, and after how many ms
    sql "SELECT CAST((max(utc_us) - min(utc_us)) / 1000 AS INTEGER) FROM history WHERE CAST(path AS TEXT) = '$1'"
}

# The daemon is stopped meanwhile: the kernel's queue of 16,384 events, or what is left of it, runs over.
mkdir "$SHARE/inbox/invert"
drop "$WORK/sources/photo-000.png" invert first.png
wait_ends 2 0
kill -STOP "$DAEMON"
pour "$SHARE/inbox/invert" 0
kill -CONT "$DAEMON"
expect_all "a stalled reader" $((STORM_FILES + 2))
echo "# $(overflows) overflows, at most $(rss_mb) MB"
if [ "$STORM_FILES" -ge 20000 ]; then
    ok "the queue ran over" [ "$(overflows)" -ge 1 ]
fi

pour "$SHARE/inbox/invert/deep" 4 &
pouring=$!
wait_for "the storm" [ -d "$SHARE/inbox/invert/deep/$((STORM_FILES / 16))" ]
drop "$WORK/sources/photo-000.png" mirror small.png
ok "a picture in another folder is done" wait_for "the small one" is_in mirror/small.png DONE
took=$(moved_in mirror/small.png)
ok "within 5 s ($took ms)" [ "$took" -le 5000 ]
wait $pouring
expect_all "folders of four" $((2 * STORM_FILES + 3))
echo "# $(overflows) overflows, at most $(rss_mb) MB"

# A whole tree, renamed in.
pour "$WORK/tree" 100
drop_tree() {
    mv "$WORK/tree" "$SHARE/inbox/flip"
}
drop_tree
expect_all "a tree in one rename" $((3 * STORM_FILES + 3))
echo "# $(overflows) overflows, at most $(rss_mb) MB"
ok "the daemon stops when told" stop_daemon
done_testing
