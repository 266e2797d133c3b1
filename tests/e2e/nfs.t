#!/bin/bash
# SPDX-License-Identifier: MIT
# Clients of a real NFS server (nfs-ganesha) that writes into our local disk: version 3 knows no close, its server has the
# file open for ever; version 4 closes, and for a client that is gone when its lease ends.
. "$(dirname "$0")/../lib/file_servers.sh"
install_file_servers
. "$(dirname "$0")/lib.sh"
need_own_network

new_share
cat >>"$CONF" <<'CONF'
inbox = { settle_cut = "2s"; };
CONF
mkdir -p "$SHARE/inbox/invert"
start_ganesha "$SHARE/inbox"
make_photos 1 1200 900 jpg
photo=$WORK/sources/photo-000.jpg
start_daemon
drop "$photo" invert local.jpg
ok "a local file" wait_for "it" is_in invert/local.jpg DONE 1

taken_once() { # NAME
    wait_for "$1" is_in "invert/$1" DONE && is_in "invert/$1" DONE 1 &&
        cmp "$SHARE/outbox/invert/local.jpg" "$SHARE/outbox/invert/$1"
}

for version in nfs3 nfs4; do
    write_by $version plain "$photo" invert/$version-plain.jpg
    written=$SECONDS
    ok "$version: a file is done" taken_once $version-plain.jpg
    ok "$version: within 8 s of its last byte" [ $((SECONDS - written)) -lt 8 ]
    write_by $version paused "$photo" invert/$version-paused.jpg 1
    ok "$version: a pause in the middle" taken_once $version-paused.jpg
    write_by $version renamed_in "$photo" invert/$version-renamed.jpg 1
    ok "$version: renamed in" taken_once $version-renamed.jpg
    is "$version: no notes" "$(find "$SHARE/failed" -type f)" ""
    write_by $version killed "$photo" invert/$version-killed.jpg 2>/dev/null
    ok "$version: what a client leaves that is gone fails in the end" \
        wait_for "it" is_in invert/$version-killed.jpg FAILED
    ok "$version: and has its note" wait_for "the note" test -e "$SHARE/failed/invert/$version-killed.jpg.txt"
    # Until the server has noticed that the half has gone, it refuses (4), or writes into the half in failed/ (3).
    ok "$version: the whole file comes" wait_for "the server" write_by $version plain "$photo" invert/$version-killed.jpg 2>/dev/null
    ok "$version: and is done" wait_for "it" is_in invert/$version-killed.jpg DONE 2
    is "$version: half and note are gone from failed/" "$(find "$SHARE/failed" -type f)" ""
done
ok "that version 3 has files open for ever is remembered" \
    [ "$(sql "SELECT count(*) FROM counter WHERE name = 'open invert'")" = 1 ]

ok "the daemon stops when told" stop_daemon
done_testing
