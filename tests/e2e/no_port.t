#!/bin/bash
# SPDX-License-Identifier: MIT
# Nobody on this machine or elsewhere can connect to a job: neither the daemon nor a rank nor mpirun listens on a
# port, as a stranger sees it. And a job dies and is replaced as ever.
. "$(dirname "$0")/lib.sh"

user=$(as_service id -u)
service_runs

# Sockets of TCP that listen, of the daemon's user, as a stranger reads of them.
ports() {
    as_stranger awk -v user="$user" '$4 == "0A" && $8 == user' /proc/net/tcp /proc/net/tcp6 | wc -l
}

worker_of() { # the oldest process of the warm job
    pgrep -o -f "dropmill-worker --session $WORK/run"
}

no_worker() {
    ! pgrep -f "dropmill-worker --session $WORK/run" >/dev/null
}

one_picture() { # SETTINGS
    new_share
    printf 'engine = { %s };\n' "$1" >>"$CONF"
    start_daemon
    drop "$WORK/sources/photo-000.png" rotate-90
    ok "a picture is done with '$1'" wait_settled 1
}

before=$(ports)
make_photos 1 64 64 png
one_picture ""
ok "the job is warm" test -n "$(worker_of)"
is "nothing listens on a port" "$(ports)" "$before"
kill -9 "$(worker_of)"
drop "$WORK/sources/photo-000.png" rotate-90 again.png
ok "after its death another takes over" wait_settled 2
is "both pictures are done" "$(count_in DONE)" 2
kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null
DAEMON=
ok "it does not outlive the daemon" wait_for "its end" no_worker

"${AS_SERVICE[@]}" /usr/bin/python3 -c "
import signal, socket
server = socket.create_server(('127.0.0.1', 0))
print('listening', flush=True)
signal.pause()" >"$WORK/listens" &
listener=$!
ok "a port of that user" wait_for "one" test -s "$WORK/listens"
is "would be seen" "$(ports)" $((before + 1))
kill "$listener"
done_testing
