#!/bin/bash
# SPDX-License-Identifier: MIT
# A rank that dies of a signal, which no picture can bring about any more (sandbox.t), among its work: all good
# pictures are done, and one that never comes back fails alone, with the reason. (A worker built with
# tests/hostile/misbehave.c, which sleeps for ever over sleep.jpg.)
. "$(dirname "$0")/lib.sh"
need_own_networks

ok "the misbehaving worker is built" make -s -C "$ROOT" VARIANT=crash build/crash/dropmill-worker
make_photos 100 200 150 jpg
new_share
cat >>"$CONF" <<CONF
engine = { worker = "$ROOT/build/crash/dropmill-worker"; ranks = 2; threads = 2; };
limits = { deadline = "3s"; };
CONF
start_daemon
cp "$WORK/sources/photo-000.jpg" "$WORK/sources/sleep.jpg"
cp -r "$WORK/sources" "$WORK/dropping"
mv "$WORK/dropping" "$SHARE/inbox/gray"
sleeping() { # the neighbours are done, it is not
    [ "$(count_in DONE)" -ge 50 ] && is_in gray/sleep.jpg RUNNING
}
ok "one sleeps" wait_for "sleep.jpg and its neighbours" sleeping
for rank in $(pgrep -x dropmill-worker); do
    ! grep -qz "$WORK/run" "/proc/$rank/cmdline" || break
done
kill -SEGV "$rank"
wait_settled 101
is "the neighbours are done" "$(count_in DONE)" 100
is "one failed" "$(count_in FAILED)" 1
is "as a timeout" "$(reason_of gray/sleep.jpg)" timeout
ok "its original is in failed/" test -e "$SHARE/failed/gray/sleep.jpg"
ok "with a note" test -s "$SHARE/failed/gray/sleep.jpg.txt"
is "each neighbour is in the outbox" "$(find "$SHARE/outbox" -name '*.jpg' | wc -l)" 100
ok "no temporary is left" no_temporaries
story=$(sed -n "s/.*died (SIGSEGV), see '\\(.*\\)', will retry.*/\\1/p" "$WORK/log" | head -n 1)
ok "the warning names the job's story" test -s "$story"
ok "the task, the crash, the end: it reads like a letter" awk '
    / > task\t.*input=gray\/sleep.jpg\t/ {task = NR}
    / \| .*crash SIGSEGV / {crash = NR}
    / - [a-z]* -> reaping / {end = NR}
    END {exit !(task && task < crash && crash < end)}' "$story"

# Without its zygote a rank goes on with the sandboxes that it has, and ends when it needs another.
drop "$WORK/sources/photo-001.jpg" flip
ok "a job is up" wait_for "it" is_in flip/photo-001.jpg DONE
for zygote in $(pgrep -x dm-zygote); do
    ! grep -qz "$WORK/run" "/proc/$zygote/cmdline" || kill -9 "$zygote"
done
cp "$WORK/sources/photo-000.jpg" "$WORK/sources/raise-11.jpg"
mkdir "$WORK/dropping"
cp "$WORK/sources"/photo-00*.jpg "$WORK/sources/raise-11.jpg" "$WORK/dropping"
mv "$WORK/dropping" "$SHARE/inbox/invert"
wait_settled 113
is "all is done without it, or with another" "$(count_in DONE)" 111
is "but what crashes by itself" "$(reason_of invert/raise-11.jpg)" worker-crash
ok "the end is explained" grep -rq "sandboxes come from is gone" "$WORK/run"
ok "the daemon stops when told" stop_daemon
is "no process is left" "$(pgrep -f "$WORK/run" | wc -l)" 0
done_testing
