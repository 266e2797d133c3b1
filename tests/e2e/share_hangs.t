#!/bin/bash
# SPDX-License-Identifier: MIT
# The share hangs, as that of a dead server does: it is said, the daemon ends when told, and nothing is lost. In place of a dead
# server a library makes syncfs(2) of the daemon wait for the other end of a pipe, as long as there is one.
. "$(dirname "$0")/lib.sh"

service_runs
cat >"$WORK/hang.c" <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
int syncfs(int fd) {
    int pipe = open(getenv("HANG"), O_RDONLY | O_CLOEXEC);
    if (pipe >= 0) {
        close(pipe);
    }
    return (int)syscall(SYS_syncfs, fd);
}
C
cc -shared -fPIC -o "$WORK/hang.so" "$WORK/hang.c" || skip_all "no compiler"
make_photos 1 120 80 png
new_share
printf 'inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };\n' >>"$CONF"
DAEMON_AS+=(env HANG="$WORK/pipe" LD_PRELOAD="$WORK/hang.so")
ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" status
}
says() {
    ask | grep -q "$1"
}
hang() {
    mkfifo -m 666 "$WORK/pipe"
    drop "$WORK/sources/photo-000.png" gray "$1"
}
start_daemon
ok "while it answers, nothing is said" wait_for "the daemon" says '^share *online'
is "nor that it does not" "$(ask | grep -c 'does not answer')" 0
hang a.png
ok "status says so" wait_for "the status" says 'does not answer for [0-9]* s'
ok "and that it is offline, in time" wait_for "the share to be offline" says '^share *offline'
ok "so does the log" grep -q "is offline: it has not answered for 30 s, nothing will be changed there" "$WORK/log"
mv "$WORK/pipe" "$WORK/old"
: >"$WORK/old"
ok "it answers again" wait_for "the share" says '^share *online'
ok "and the picture is done" wait_ends 1 0
is "one warning" "$(grep -c 'is offline' "$WORK/log")" 1

hang b.png
ok "it hangs again" wait_for "the status" says 'does not answer for [0-9]* s'
before=$SECONDS
ok "the daemon stops when told" stop_daemon
ok "within seconds" test $((SECONDS - before)) -lt 15
ok "and says how" grep -q 'does not answer, will not be waited for' "$WORK/log"
rm "$WORK/pipe"
start_daemon
ok "the next one does the rest" wait_ends 2 0
ok "the daemon stops when told" stop_daemon
done_testing
