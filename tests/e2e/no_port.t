#!/bin/bash
# SPDX-License-Identifier: MIT
# Nobody on this machine or elsewhere can connect to a job: neither the daemon nor a rank nor mpirun listens on a
# port, as a stranger sees it. And a job dies and is replaced as ever.
. "$(dirname "$0")/lib.sh"

user=$(as_service id -u)
service_runs

# Sockets of TCP that listen, of the daemon's user, as a stranger reads of them.
ports() {
    # shellcheck disable=SC2016 # awk's
    as_stranger awk '$4 == "0A" && $8 == '"$user" /proc/net/tcp /proc/net/tcp6 | wc -l
}

# Those that other machines could reach outside of a range.
ports_outside() { # FIRST LAST
    # shellcheck disable=SC2016 # awk's
    as_stranger awk '$4 == "0A" && $8 == '"$user"' {print $2}' /proc/net/tcp /proc/net/tcp6 |
        while IFS=: read -r address port; do
            port=$((16#$port))
            [ "$address" = 0100007F ] || { [ $port -ge "$1" ] && [ $port -le "$2" ]; } || echo "$port"
        done | wc -l
}

in_another_network() { # PID
    [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

another_share() {
    rm -rf "$SHARE" "$WORK/state" "$WORK/run"
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

if has_own_networks; then
    another_share
    one_picture "ranks = 2;"
    is "nothing listens with two ranks" "$(ports)" "$before"
    ok "for mpirun is in a network of its own" in_another_network "$(pgrep -o -f "^[^ ]*mpirun .*$WORK/run")"
    ok "and so is a rank" in_another_network "$(worker_of)"
    ok "the daemon stops when told" stop_daemon
    as_service unshare --user --map-root-user sh -c 'echo 0 >/proc/sys/user/max_net_namespaces; exec "$@"' sh \
        "$DROPMILLD" --share "$SHARE" --config "$CONF" >"$WORK/refused" 2>&1
    is "where it cannot have one, two ranks are refused" $? 78
    ok "with the reason" grep -q 'need a network of their own.*: No space left' "$WORK/refused"
else
    skip 7 "no network namespaces here"
fi

# Hosts need ports: those that are configured, and no others. (This machine is all hosts here.)
another_share
if has_users; then
    echo "localhost slots=2" >"$WORK/hosts"
    one_picture "ranks = 2; hostfile = \"$WORK/hosts\"; network = \"127.0.0.0/8\"; ports = \"5000-5031\";"
    ok "hosts: mpirun listens" test "$(ports)" -gt "$before"
    is "hosts: on no other ports, but those of PMIx on this machine" "$(ports_outside 5000 5031)" "$before"
    ok "hosts: what that means is said" grep -q 'ask for no password: whoever can connect' "$WORK/log"
    ok "the daemon stops when told" stop_daemon
    printf 'engine = { hostfile = "%s"; };\n' "$WORK/hosts" >"$CONF"
    "$DROPMILLD" --share "$SHARE" --config "$CONF" >"$WORK/refused" 2>&1
    is "hosts: root is refused" $? 78
    ok "hosts: with the reason" grep -q 'other hosts are not for root' "$WORK/refused"
else
    skip 7 "only root can show this"
fi

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
