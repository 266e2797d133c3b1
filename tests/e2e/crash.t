#!/bin/bash
# SPDX-License-Identifier: MIT
# One image that kills its decoder and one that never comes back: their neighbours are done, they alone fail,
# with the reason. (A worker built with -DDM_TEST_CRASH, which dies on crash-me.* and hangs on hang-me.*)
. "$(dirname "$0")/lib.sh"
need_own_networks

ok "the crashing worker is built" make -s -C "$ROOT" VARIANT=crash build/crash/dropmill-worker
make_photos 100 200 150 jpg
new_share
cat >>"$CONF" <<CONF
engine = { worker = "$ROOT/build/crash/dropmill-worker"; ranks = 2; threads = 2; };
limits = { deadline = "3s"; };
CONF
start_daemon
cp "$WORK/sources/photo-000.jpg" "$WORK/sources/crash-me.jpg"
cp "$WORK/sources/photo-001.jpg" "$WORK/sources/hang-me.jpg"
cp -r "$WORK/sources" "$WORK/dropping"
mv "$WORK/dropping" "$SHARE/inbox/gray"
wait_settled 102
is "the neighbours are done" "$(count_in DONE)" 100
is "two failed" "$(count_in FAILED)" 2
is "one as a crash" "$(reason_of gray/crash-me.jpg)" worker-crash
is "one as a timeout" "$(reason_of gray/hang-me.jpg)" timeout
ok "the signal is named" grep -q SIGSEGV <(sql "SELECT message FROM files WHERE reason = 'worker-crash'")
ok "its original is in failed/" test -e "$SHARE/failed/gray/crash-me.jpg"
ok "with a note" test -s "$SHARE/failed/gray/crash-me.jpg.txt"
is "each neighbour is in the outbox" "$(find "$SHARE/outbox" -name '*.jpg' | wc -l)" 100
ok "no temporary is left" no_temporaries
story=$(sed -n "s/.*died (SIGSEGV), see '\\(.*\\)', will retry.*/\\1/p" "$WORK/log" | head -n 1)
ok "the warning names the job's story" test -s "$story"
ok "the task, the crash, the end: it reads like a letter" awk '
    / > task\t.*input=gray\/crash-me.jpg\t/ {task = NR}
    / \| .*crash SIGSEGV / {crash = NR}
    / - [a-z]* -> reaping / {end = NR}
    END {exit !(task && task < crash && crash < end)}' "$story"
ok "the daemon stops when told" stop_daemon
done_testing
