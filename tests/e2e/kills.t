#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 of the daemon, rank 0, another rank or mpirun at a random moment of a run of 200 images, again and
# again ($KILL_ROUNDS, 30): every input is done once, nothing fails, nothing is left behind.
. "$(dirname "$0")/lib.sh"
need_own_networks

: "${KILL_ROUNDS:=30}"
: "${KILL_SEED:=$$}"
RANDOM=$KILL_SEED
FILES=200
service_runs
make_photos $FILES 200 150 png
new_share
cat >>"$CONF" <<'CONF'
engine = { ranks = 3; threads = 1; batch_files = 16; };
inbox = { settle_closed = "100ms"; settle_unseen = "300ms"; };
CONF
start_daemon

# The processes of this share's session by part: mpirun, rank 0, any other rank.
victim() {
    local pid
    case $1 in
    daemon) echo "$DAEMON" ;;
    mpirun) pgrep -f "^[^ ]*mpirun .*$WORK/run" | head -n 1 ;;
    rank0 | rank)
        for pid in $(pgrep -x dropmill-worker); do
            grep -qz "$WORK/run" "/proc/$pid/cmdline" 2>/dev/null || continue
            if [ "$1" = rank0 ] && grep -qz '^OMPI_COMM_WORLD_RANK=0$' "/proc/$pid/environ"; then
                echo "$pid"
            elif [ "$1" = rank ] && grep -qz '^OMPI_COMM_WORLD_RANK=[1-9]' "/proc/$pid/environ"; then
                echo "$pid"
            fi
        done 2>/dev/null | head -n 1
        ;;
    esac
}

done_at_least() {
    [ "$(count_in DONE)" -ge "$1" ]
}

strike() {
    local pid
    pid=$(victim "$1")
    [ -n "$pid" ] || return 1
    kill -9 "$pid" 2>/dev/null || return 1
    if [ "$1" = daemon ]; then
        wait "$DAEMON" 2>/dev/null
        DAEMON=
        start_daemon
    fi
}

parts=(daemon rank0 rank mpirun)
struck=0
for ((round = 1; round <= KILL_ROUNDS; round++)); do
    drop_folder "$WORK/sources" "invert (r$round)"
    wait_for "work to begin" done_at_least $(((round - 1) * FILES + RANDOM % (FILES * 3 / 4)))
    strike "${parts[round % 4]}" && struck=$((struck + 1))
    wait_settled $((round * FILES))
done
total=$((KILL_ROUNDS * FILES))
ok "most strikes hit ($struck of $KILL_ROUNDS, seed $KILL_SEED)" [ $((struck * 4)) -ge $((KILL_ROUNDS * 3)) ]
is "all are done" "$(count_in DONE)" $total
is "none failed or is parked" "$(count_in FAILED PARKED)" 0
is "each is in the outbox once" "$(find "$SHARE/outbox" -type f | wc -l)" $total
is "each original was retired once" "$(find "$SHARE/originals" -type f | wc -l)" $total
is "each was retired once by the history" \
    "$(sql "SELECT count(*) FROM history WHERE fact = 'retired'")" $total
is "the inbox is empty" "$(find "$SHARE/inbox" -type f | wc -l)" 0
is "failed/ is empty" "$(find "$SHARE/failed" -type f | wc -l)" 0
ok "no temporary is left" no_temporaries
ok "a result of every round is whole" /usr/bin/python3 - "$WORK/sources" "$SHARE/outbox" <<'PY'
import os, sys
import cv2, numpy as np
sources, outbox = sys.argv[1:]
expected = {n: cv2.bitwise_not(cv2.imread(os.path.join(sources, n))) for n in os.listdir(sources)}
for folder in os.listdir(outbox):
    for name in os.listdir(os.path.join(outbox, folder)):
        got = cv2.imread(os.path.join(outbox, folder, name))
        if got is None or not np.array_equal(got, expected[name]):
            sys.exit(f"# {folder}/{name} differs")
PY
ok "the daemon stops when told" stop_daemon
is "no process is left" "$(pgrep -f "$WORK/run" | wc -l)" 0
done_testing
