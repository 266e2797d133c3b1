#!/bin/bash
# SPDX-License-Identifier: MIT
# People write the same names again and again, in place, over another and anew, while the daemon or a rank is killed, again and
# again ($KILL_ROUNDS, 12): in the end each name has the result of what was written there last.
. "$(dirname "$0")/lib.sh"

: "${KILL_ROUNDS:=12}"
NAMES=24
new_share
cat >>"$CONF" <<'CONF'
engine = { threads = 1; batch_files = 4; };
inbox = { settle_returns = "0"; sweep = "500ms"; };
outbox = { retry = "500ms"; };
CONF
mkdir "$SHARE/inbox/invert"
start_daemon

# Writes until it is told to stop; then NAME VALUE of what each name was last, to be dropped or dropped already.
cat >"$WORK/writer.py" <<'PY'
import os, random, signal, sys
import cv2, numpy as np
inbox, fresh, names, told = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(1))
random.seed(7)
last, count = {}, 0
while not stopped:
    name, value = f"{random.randrange(names)}.png", count % 251
    data = cv2.imencode(".png", np.full((16, 16, 3), value, np.uint8))[1].tobytes()
    count += 1
    if random.random() < 0.5:  # renamed in, over another perhaps
        with open(fresh, "wb") as file:
            file.write(data)
        os.rename(fresh, f"{inbox}/{name}")
    else:  # anew or in place, in two pieces
        with open(f"{inbox}/{name}", "wb") as file:
            file.write(data[:30])
            file.flush()
            file.write(data[30:])
    last[name] = value
    signal.sigtimedwait([], random.random() / 20)
with open(told, "w", encoding="ascii") as file:
    file.writelines(f"{name} {value}\n" for name, value in sorted(last.items()))
PY
/usr/bin/python3 "$WORK/writer.py" "$SHARE/inbox/invert" "$SHARE/fresh.png" $NAMES "$WORK/last" &
writer=$!

dispatched() {
    [ "$(sql "SELECT count(*) FROM history WHERE fact = 'dispatched'")" -ge "$1" ]
}
ranks() {
    local pid
    for pid in $(pgrep -x dropmill-worker); do
        ! grep -qz "$WORK/run" "/proc/$pid/cmdline" 2>/dev/null || echo "$pid"
    done
}
struck=0
for ((round = 1; round <= KILL_ROUNDS; round++)); do
    now=$(sql "SELECT count(*) FROM history WHERE fact = 'dispatched'")
    wait_for "work" dispatched $((now + 1 + RANDOM % 12))
    if [ $((round % 2)) = 0 ]; then
        # shellcheck disable=SC2046 # words
        kill -9 $(ranks) 2>/dev/null && struck=$((struck + 1))
    else
        kill -9 "$DAEMON" && struck=$((struck + 1))
        wait "$DAEMON" 2>/dev/null
        DAEMON=
        start_daemon
    fi
done
kill "$writer"
wait "$writer"
ok "most strikes hit ($struck of $KILL_ROUNDS)" [ $((struck * 4)) -ge $((KILL_ROUNDS * 3)) ]
written=$(wc -l <"$WORK/last")
ok "every name is done" wait_ends "$written" 0
ok "with the result of what was last" /usr/bin/python3 - "$WORK/last" "$SHARE/outbox/invert" <<'PY'
import sys
import cv2
wrong = 0
for line in open(sys.argv[1], encoding="ascii"):
    name, value = line.split()
    got = cv2.imread(f"{sys.argv[2]}/{name}")
    if got is None or int(got[8, 8, 0]) != 255 - int(value):
        print(f"# {name}: {None if got is None else 255 - int(got[8, 8, 0])}, expected {value}")
        wrong += 1
sys.exit(wrong > 0)
PY
is "the inbox is empty" "$(find "$SHARE/inbox" -type f | wc -l)" 0
is "failed/ is empty" "$(find "$SHARE/failed" -type f | wc -l)" 0
ok "no temporary is left" wait_for "no temporary" no_temporaries
ok "the daemon stops when told" stop_daemon
done_testing
