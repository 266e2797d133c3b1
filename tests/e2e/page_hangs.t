#!/bin/bash
# SPDX-License-Identifier: MIT
# The share hangs beneath the page, as that of a dead server does: uploads wait, and nothing else does. In place of a dead
# server a library makes fdatasync(2) of the page wait for the other end of a pipe, as long as there is one.
sh "$(dirname "$0")/../../packaging/deps.sh" page 2>/dev/null
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/page.sh"

cat >"$WORK/hang.c" <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
int fdatasync(int fd) {
    int pipe = open(getenv("HANG"), O_RDONLY | O_CLOEXEC);
    if (pipe >= 0) {
        close(pipe);
    }
    return (int)syscall(SYS_fdatasync, fd);
}
C
cc -shared -fPIC -o "$WORK/hang.so" "$WORK/hang.c" || skip_all "no compiler"
[[ $BUILD != *san ]] || skip_all "a sanitizer wants to be loaded first"

put() { # NAME
    page_status "api/drops/$(printf 'gray/Hangs' | base64 | tr -d =)/files/$1" -T "$WORK/sources/photo-000.jpg" \
        -H "Origin: http://$PAGE_ADDRESS" >"$WORK/status-$1"
}
answers() { # STATUS PATH: within seconds
    [ "$(page_status "$2" --max-time 5)" = "$1" ]
}
make_photos 1 120 80 jpg
new_share
start_daemon
PAGE_AS=(env HANG="$WORK/pipe" LD_PRELOAD="$WORK/hang.so")
start_page 'min_free = "0";'
put a.jpg
is "a picture is sent" "$(cat "$WORK/status-a.jpg")" 201
ok "and done" wait_ends 1 0
ok "its result is fetched" wait_for "it" answers 200 api/result/1

mkfifo "$WORK/pipe"
put b.jpg &
upload=$!
ok "an upload hangs" wait_for "it" sh -c "[ -n \"\$(find '$SHARE/inbox/.page' -type f)\" ]"
for path in healthz api/state now problems help "" api/catalogue; do
    ok "'$path' is answered" answers 200 "$path"
done
ok "in time the share is away: results say so" wait_for "it" answers 503 api/result/1
ok "the page of the folders is shown without them" answers 200 folders
ok "what is sent is refused" sh -c "! [ \"\$(curl -s -m 5 -o /dev/null -w '%{http_code}' -T '$WORK/sources/photo-000.jpg' \
    -H 'Origin: http://$PAGE_ADDRESS' http://$PAGE_ADDRESS/api/drops/\$(printf 'gray/Hangs' | base64 | tr -d =)/files/c.jpg)\" = 201 ]"
mv "$WORK/pipe" "$WORK/old"
: >"$WORK/old"
ok "it answers again" wait_for "it" answers 200 api/result/1
ok "the upload comes to an end" wait "$upload"
put b.jpg
ok "it is here, or comes when it is sent again ($(cat "$WORK/status-b.jpg"))" grep -qE '^(201|409)$' "$WORK/status-b.jpg"
ok "both are done" wait_ends 2 0
ok "the page stops when told" stop_page
ok "the daemon stops when told" stop_daemon
done_testing
