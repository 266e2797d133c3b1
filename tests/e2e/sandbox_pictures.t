#!/bin/bash
# SPDX-License-Identifier: MIT
# How long the process that decodes pictures is kept: limits.sandbox_pictures.
. "$(dirname "$0")/lib.sh"

make_photos 3 64 64 jpg
new_share
idle_sandboxes() { # of the one thread that the job has
    for rank in $(pgrep -x dropmill-worker); do
        ! grep -qz "$WORK/run" "/proc/$rank/cmdline" || pgrep -x dm-sandbox -P "$rank" | wc -l
    done
}
try_with() { # PICTURES FILES IDLE
    printf 'engine = { ranks = 1; threads = 1; };\nlimits = { sandbox_pictures = %s; };\n' "$1" >"$WORK/more.conf"
    cat "$WORK/base.conf" "$WORK/more.conf" >"$CONF"
    start_daemon
    cp -r "$WORK/sources" "$WORK/dropping"
    mv "$WORK/dropping" "$SHARE/inbox/gray/with-$1"
    wait_settled "$2"
    is "$1: all are done" "$(count_in DONE)" "$2"
    ok "$1: $3 are kept for the next" wait_for "sandboxes to end" test "$(idle_sandboxes)" = "$3"
    ok "$1: the daemon stops when told" stop_daemon
}
cp "$CONF" "$WORK/base.conf"
mkdir -p "$SHARE/inbox/gray"
try_with 50 3 1
try_with 1 6 0
try_with 2 9 1
done_testing
