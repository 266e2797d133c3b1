#!/bin/bash
# SPDX-License-Identifier: MIT
# Clients of a real Samba: however they open, size, date, leave and reopen a file, it is taken once, whole, without a note;
# what a killed client leaves waits, and is no more when the whole file comes.
. "$(dirname "$0")/../lib/file_servers.sh"
install_file_servers
. "$(dirname "$0")/lib.sh"
need_own_network

new_share
cat >>"$CONF" <<'CONF'
inbox = { folders = [ "rotate-90*: settle_cut=500ms" ]; };
CONF
mkdir -p "$SHARE/inbox/invert" "$SHARE/inbox/rotate-90"
start_samba "$SHARE/inbox"
make_photos 1 1200 900 jpg
photo=$WORK/sources/photo-000.jpg
start_daemon

# What comes out of a whole file; and a folder in which a writer never came back.
drop "$photo" invert local.jpg
ok "a local file" wait_for "it" is_in invert/local.jpg DONE 1

taken_once() { # NAME
    wait_for "$1" is_in "invert/$1" DONE && is_in "invert/$1" DONE 1 &&
        [ "$(sql "SELECT count(*) FROM history WHERE path = CAST('invert/$1' AS BLOB) AND fact = 'computed'")" = 1 ] &&
        cmp "$SHARE/outbox/invert/local.jpg" "$SHARE/outbox/invert/$1"
}

while read -r action pause; do
    write_by smb "$action" "$photo" "invert/$action.jpg" "$pause"
    ok "$action, a pause of $pause s: once, and right" taken_once "$action.jpg"
done <<'ACTIONS'
plain 0
paused 2
presized 2
backdated 2
two_opens 2.5
empty_then_reopened 3
renamed_in 1
ACTIONS
is "no notes, no failures" "$(find "$SHARE/failed" -type f)" ""
is "nothing was learned of this folder" "$(sql "SELECT count(*) FROM counter WHERE name LIKE '%invert'")" 0

write_by smb killed "$photo" invert/killed.jpg 0.2 2>/dev/null
ok "the half waits" wait_for "why" sh -c "'$DROPMILL' --share '$SHARE' --config '$CONF' ls invert/killed.jpg | grep -q 'end marker is missing'"
write_by smb plain "$photo" invert/killed.jpg
ok "a killed client comes back in time: once, and right" taken_once killed.jpg

write_by smb killed "$photo" rotate-90/killed.jpg 0.2 2>/dev/null
ok "where less is waited for it fails" wait_for "it" is_in rotate-90/killed.jpg FAILED
ok "with its note" wait_for "the note" test -e "$SHARE/failed/rotate-90/killed.jpg.txt"
write_by smb plain "$photo" rotate-90/killed.jpg
ok "the whole file later is done" wait_for "it" is_in rotate-90/killed.jpg DONE 2
is "half and note are gone from failed/" "$(find "$SHARE/failed" -type f)" ""
is "the half is kept" "$(find "$SHARE/originals/rotate-90" -type f -size -"$(($(stat -c %s "$photo") / 1024 - 10))"k | wc -l)" 1

ok "the daemon stops when told" stop_daemon
done_testing
