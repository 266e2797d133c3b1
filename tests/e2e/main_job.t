#!/bin/bash
# SPDX-License-Identifier: MIT
# The main job: 300 images in 12 folders through daemon, ledger and MPI come out as OpenCV would make them;
# with three oversubscribed ranks of two threads, and with what the engine chooses on one core.
. "$(dirname "$0")/lib.sh"
need_own_networks

service_runs
make_photos 25 320 240 png
chains=$(/usr/bin/python3 -c "import sys; sys.path.insert(0, '$E2E'); import compare_cv; print(*compare_cv.CHAINS)")

run_all() { # WHAT SETTINGS RANKS
    new_share
    printf 'engine = { idle = "2s"; %s };\n' "$2" >>"$CONF"
    start_daemon
    for chain in $chains; do
        drop_folder "$WORK/sources" "$chain"
    done
    ok "$1: 300 files settle" wait_settled 300
    is "$1: all are done" "$(count_in DONE)" 300
    ok "$1: every pixel is OpenCV's" "$E2E/compare_cv.py" "$WORK/sources" "$SHARE/outbox"
    is "$1: originals are kept" "$(find "$SHARE/originals" -name '*.png' | wc -l)" 300
    is "$1: the inbox is empty" "$(find "$SHARE/inbox" -type f | wc -l)" 0
    ok "$1: no temporary is left" no_temporaries
    is "$1: each was attempted once" "$(sql 'SELECT max(attempt) FROM files')" 1
    is "$1: all ranks worked" "$(sql 'SELECT count(DISTINCT rank) FROM files')" "$3"
    ok "$1: the daemon stops when told" stop_daemon
    rm -rf "$SHARE" "$WORK/state" "$WORK/run"
}

run_all "3 ranks of 2 threads" "ranks = 3; threads = 2;" 3
DAEMON_AS+=(taskset -c 0)
run_all "one core" "" 1
done_testing
