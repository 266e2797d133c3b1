#!/bin/bash
# SPDX-License-Identifier: MIT
# Work that goes well fills no journal: as many lines for many files as for few, one of them says how many there were; each
# failure has its own; a line a file is there for those who ask for it. $LOG_FILES files (the long form: 10,000).
. "$(dirname "$0")/lib.sh"

: "${LOG_FILES:=150}"
make_photos 1 24 24 png
new_share
sed -i '/^log_level/d' "$CONF" # as it is without a word of the administrator
pour() { # FOLDER COUNT
    mkdir -p "$WORK/people/$1"
    local i
    for ((i = 0; i < $2; i++)); do
        cp "$WORK/sources/photo-000.png" "$WORK/people/$1/$i.png"
    done
    mv "$WORK/people/$1" "$SHARE/inbox/$1"
}
lines() {
    wc -l <"$WORK/log"
}

mkdir -p "$WORK/people"
start_daemon
pour gray 1
wait_ends 1 0
ok "the first drop is told of when it is done" wait_for "the line" grep -qE 'since [0-9:]+: 1 done, 0 failed' "$WORK/log"
few=$(lines)
for chain in blur-5 invert rotate-90; do
    pour $chain $((LOG_FILES / 3))
done
wait_ends $((LOG_FILES / 3 * 3 + 1)) 0
echo "# $few lines after one file, $(lines) after $((LOG_FILES / 3 * 3)) more"
is "many more files, no more lines within the hour" "$(lines)" "$few"
head -c 300 "$WORK/sources/photo-000.png" >"$WORK/cut.png"
drop "$WORK/cut.png" gray
wait_ends $((LOG_FILES / 3 * 3 + 1)) 1
is "a failure has its line" "$(grep -c "moved to failed 'gray/cut.png'" "$WORK/log")" 1
stop_daemon
ok "and the rest is told at the end" grep -qE "since [0-9:]+: $((LOG_FILES / 3 * 3)) done, 1 failed" "$WORK/log"

sed -i '1i log_level = "info";' "$CONF"
start_daemon
drop "$WORK/sources/photo-000.png" gray again.png
wait_ends $((LOG_FILES / 3 * 3 + 2)) 1
ok "info: a line a file" grep -q "published 'gray/again.png'" "$WORK/log"
ok "the daemon stops when told" stop_daemon
done_testing
