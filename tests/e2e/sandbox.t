#!/bin/bash
# SPDX-License-Identifier: MIT
# A picture that has found a hole in its decoder: what it can reach from there, one door after the other, all at
# once and among others' pictures. (A worker built with tests/hostile/misbehave.c, which does in the sandbox what
# the names of its inputs say.) Each attacker fails, with the right reason; nobody else notices: the same rank
# lives, and each neighbour is done at its first attempt.
. "$(dirname "$0")/lib.sh"

"$BUILD/dropmill-worker" --probe-jail | grep -q 'landlock seccomp' || skip_all "this kernel has no jail for us"
ok "the misbehaving worker is built" make -s -C "$ROOT" VARIANT=crash build/crash/dropmill-worker
make_photos 8 200 150 jpg
photo=$WORK/sources/photo-000.jpg
new_share
cat >>"$CONF" <<CONF
engine = { worker = "$ROOT/build/crash/dropmill-worker"; ranks = 1; threads = 4; idle = "60s"; };
limits = { deadline = "6s"; max_pixels = "1MP"; };
CONF
start_daemon
cp -r "$WORK/sources" "$WORK/dropping"
mv "$WORK/dropping" "$SHARE/inbox/gray"
wait_settled 8

children() { # NAME: the processes of the rank that are called NAME
    pgrep -x "$1" -P "$rank" | sort -n | tr '\n' ' '
}
for rank in $(pgrep -x dropmill-worker); do # the others of the session have other names
    ! grep -qz "$WORK/run" "/proc/$rank/cmdline" || break
done
zygote=$(pgrep -x dm-zygote -P "$rank")
neighbour=$(pgrep -x dm-sandbox -P "$rank" | head -n 1)
ok "there are a rank, a zygote and sandboxes" test -n "$rank" -a -n "$zygote" -a -n "$neighbour"

# name | reason | what its message must contain
attacks="kill-$rank|bad-step|held: signals
kill-$zygote|bad-step|held: signals
kill-$neighbour|bad-step|held: signals
kill-1|bad-step|held: signals
touch-$rank|bad-step|held: memory
touch-$zygote|bad-step|held: memory
touch-$neighbour|bad-step|held: memory
fds|bad-step|held: descriptors
paths|bad-step|held: paths
net|bad-step|held: network
forks|bad-step|held: forks
exit-0|worker-crash|ended with exit code 0, twice
exit-7|worker-crash|ended with exit code 7, twice
half|worker-crash|ended with exit code 0, twice
raise-4|worker-crash|killed by SIGILL, twice
raise-5|worker-crash|killed by SIGTRAP, twice
raise-6|worker-crash|killed by SIGABRT, twice
raise-7|worker-crash|killed by SIGBUS, twice
raise-8|worker-crash|killed by SIGFPE, twice
raise-9|worker-crash|killed by SIGKILL, twice
raise-11|worker-crash|killed by SIGSEGV, twice
raise-15|worker-crash|killed by SIGTERM, twice
spin|timeout|no result after 6.0 s, twice
sleep|timeout|no result after 6.0 s, twice
deaf|worker-crash|went silent, twice
memory-2000|bad-step|held: memory bomb
fill|internal|could not be written
forge|worker-crash|about another picture, twice
twice|bad-step|held: the first
flood|worker-crash|too long, twice
nuls|worker-crash|not a line, twice
lie-0|internal|0 bytes, expected 123456
lie-1|internal|could not be written
lie-2|worker-crash|makes no sense, twice
lie-3|worker-crash|makes no sense, twice
lie-4|worker-crash|not a line, twice"

mkdir "$WORK/dropping"
count=0
while IFS='|' read -r name _; do
    cp "$photo" "$WORK/dropping/$name.jpg"
    for neighbour in 1 2 3 4 5 6 7 8; do
        cp "$WORK/sources/photo-00$((neighbour - 1)).jpg" "$WORK/dropping/neighbour $neighbour of $name.jpg"
    done
    count=$((count + 1))
done <<<"$attacks"
mv "$WORK/dropping" "$SHARE/inbox/invert"
ok "all of it comes to an end" wait_settled $((8 + 9 * count))
while IFS='|' read -r name reason words; do
    message=$(sql "SELECT reason || ': ' || message FROM files WHERE path = 'invert/$name.jpg'")
    case $message in
    "$reason: "*"$words"*) ok "$name: $message" true ;;
    *) is "$name" "$message" "$reason: ...$words" ;;
    esac
done <<<"$attacks"
is "all attackers failed" "$(count_in FAILED)" $count
is "all neighbours are done" "$(count_in DONE)" $((8 + 8 * count))
is "at their first attempt" "$(sql "SELECT max(attempt) FROM files WHERE state = 'DONE'")" 1
is "the attackers too were given to a worker once" "$(sql "SELECT max(attempt) FROM files")" 1
is "the same rank lives" "$(children dm-zygote)" "$zygote "
is "nothing that they started does" "$(pgrep -P "$rank" -c)" "$(pgrep -P "$rank" -c -x 'dm-(zygote|sandbox)')"
deaths=$("$DROPMILL" --share "$SHARE" --config "$CONF" metrics | sed -n 's/^dropmill_decoder_deaths_total //p')
ok "each process that died was counted ($deaths)" test "$deaths" -ge $((2 * $(grep -cE '\|(worker-crash|timeout)\|' <<<"$attacks")))
ok "no attacker left a file" test ! -e /tmp/dm-breach
ok "no temporary is left" no_temporaries
is "each neighbour's result is its own" "$(/usr/bin/python3 - "$SHARE/outbox/gray" "$SHARE/outbox/invert" <<'PY'
import os, sys
gray, invert = sys.argv[1:]
names = os.listdir(invert)
groups = {}
for name in names:
    groups.setdefault(name.split(" ")[1], set()).add(open(os.path.join(invert, name), "rb").read())
print(len(names), sorted(len(each) for each in groups.values()))
PY
)" "$((8 * count)) [1, 1, 1, 1, 1, 1, 1, 1]"
ok "the daemon stops when told" stop_daemon
is "no process is left" "$(pgrep -f "$WORK/run" | wc -l)" 0
done_testing
