#!/bin/bash
# SPDX-License-Identifier: MIT
# What strangers drop: every file ends done, or failed with its reason in plain words, or is left alone;
# and its neighbours are done.
. "$(dirname "$0")/lib.sh"

new_share
start_daemon
"$E2E/strange.py" "$WORK/strange"
vips icc_transform "$WORK/strange/good-plain.jpg" "$WORK/strange/good-cmyk.jpg" cmyk --input-profile srgb
mkdir -p "$SHARE/inbox/rotate-90"
mkfifo "$SHARE/inbox/rotate-90/fifo.jpg"
ln -s /etc/passwd "$SHARE/inbox/rotate-90/link.jpg"
for name in "$WORK"/strange/*; do
    cp -- "$name" "$SHARE/inbox/rotate-90/"
done
: >"$SHARE/inbox/rotate-90/empty.jpg"
count_files() { # names may hold newlines: count marks, not lines
    find "$@" -printf x | wc -c
}
good=$(count_files "$WORK/strange" -name '*good*')
bad=$(count_files "$WORK/strange" -name 'bad*')
ok "every file comes to an end" wait_ends "$good" "$bad"
is "the good ones are in the outbox" "$(count_files "$SHARE/outbox" -type f -name '*good*')" "$good"
is "the bad ones are in failed/" "$(count_files "$SHARE/failed" -type f ! -name '*.txt')" "$bad"
is "each has its note" "$(count_files "$SHARE/failed" -type f -name '*.txt')" "$bad"
is "cut short" "$(reason_of rotate-90/bad-truncated.jpg)" truncated
is "text named .jpg" "$(reason_of rotate-90/bad-text.jpg)" not-an-image
is "SVG named .png" "$(reason_of rotate-90/bad-svg.png)" unsupported-format
is "a PDF" "$(reason_of rotate-90/bad-document.pdf)" unsupported-format
is "1 x 1" "$(size_of "$SHARE/outbox/rotate-90/good-1x1.png")" 1x1
is "20,000 x 1 turned" "$(size_of "$SHARE/outbox/rotate-90/good-20000x1.png")" 1x20000
ok "16 bits stay" grep -q USHORT <(vipsheader -f format "$SHARE/outbox/rotate-90/good-16bit.png")
is "CMYK becomes RGB" "$(vipsheader -f bands "$SHARE/outbox/rotate-90/good-cmyk.jpg")" 3
is "alpha stays" "$(vipsheader -f bands "$SHARE/outbox/rotate-90/good-rgba.png")" 4
ok "a note says what to do" grep -qi "copy" "$SHARE/failed/rotate-90/bad-truncated.jpg.txt"
is "an empty file waits where it is" "$(find "$SHARE/inbox" -type f)" "$SHARE/inbox/rotate-90/empty.jpg"
ok "a symlink is left alone" test -L "$SHARE/inbox/rotate-90/link.jpg"
ok "a FIFO is left alone" test -p "$SHARE/inbox/rotate-90/fifo.jpg"
ok "nothing was read through the symlink" test ! -e "$SHARE/outbox/rotate-90/link.jpg"
ok "no temporary is left" no_temporaries

# A failed file goes back into the inbox, whole this time.
cp "$WORK/strange/good-plain.jpg" "$SHARE/failed/rotate-90/bad-truncated.jpg"
ok "retry" "$DROPMILL" --share "$SHARE" --config "$CONF" retry rotate-90/bad-truncated.jpg
ok "the mended file is done" wait_for "it" is_in rotate-90/bad-truncated.jpg DONE
ok "its note is gone" wait_for "the note to go" test ! -e "$SHARE/failed/rotate-90/bad-truncated.jpg.txt"

# People carry a picture back together with its note: the note is no new input.
mv "$SHARE/failed/rotate-90/bad-text.jpg" "$SHARE/failed/rotate-90/bad-text.jpg.txt" "$SHARE/inbox/rotate-90/"
failed_again() {
    [ "$(sql "SELECT generation, state, retired FROM files WHERE path = 'rotate-90/bad-text.jpg'")" = "2|FAILED|1" ]
}
ok "it is tried again" wait_for "the second failure" failed_again
ok "its note is not taken for a picture" test ! -e "$SHARE/failed/rotate-90/bad-text.jpg.txt.txt"
is "nor left in the inbox" "$(count_files "$SHARE/inbox" -name '*.txt')" 0
ok "the daemon stops when told" stop_daemon
done_testing
