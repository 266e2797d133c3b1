#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A bucket on this machine, for the demonstration: Ceph's gateway on loopback, in memory.
#
#   bash examples/gateway.sh start DIR PORT BUCKET    prints what to put into the environment
#   bash examples/gateway.sh stop DIR
set -u

# What tests/lib/rgw.sh wants of who uses it.
WORK=$2
wait_for() { # WHAT COMMAND...
    local what=$1 tries=0
    shift
    until "$@"; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { echo "gateway.sh: waited in vain for $what" >&2; return 1; }
        sleep 0.1
    done
}
. "$(dirname "$0")/../tests/lib/rgw.sh"
RGW_MON_PORT=7497 # not a test's

ended() { # PID, which may be somebody else's by now
    case $(cat "/proc/$1/comm" 2>/dev/null) in
    ceph-* | radosgw) ! kill "$1" 2>/dev/null ;;
    esac
}
stop() {
    local file
    for file in "$WORK"/ceph/*.pid; do
        [ ! -s "$file" ] || wait_for "the end of $(basename "$file" .pid)" ended "$(cat "$file")"
    done
    rm -rf "$WORK/ceph"
}

case $1 in
start)
    stop
    mkdir -p "$WORK"
    start_ceph >&2 && start_gateway "$3" >&2 && make_bucket "$3" "$4" || exit 1
    echo "AWS_ACCESS_KEY_ID='$RGW_KEY' AWS_SECRET_ACCESS_KEY='$RGW_SECRET'"
    ;;
stop) stop ;;
esac
