#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 of the daemon, again and again ($KILLS, 8), while it mirrors results that are rewritten, small ones and two that
# go in parts, into a bucket of Ceph's gateway; from the middle on through a proxy that spoils every eighth request. In the
# end every object is there, once, with the right bytes, and a day later no upload is left that was begun and lost.
. "$(dirname "$0")/../lib/rgw.sh"
install_rgw
. "$(dirname "$0")/lib.sh"

: "${KILLS:=8}"
: "${KILL_SEED:=$EPOCHSECONDS}"
RANDOM=$KILL_SEED
SMALL=12
PORT=7486
unset "${!AWS_@}"
export HOME=$WORK

ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}
configure() { # PORT
    cp "$WORK/plain.conf" "$CONF"
    cat >>"$CONF" <<CONF
s3 = {
    bucket = "photos"; prefix = "results/"; endpoint = "http://127.0.0.1:$1"; part_size = "5MiB";
    access_key_id = "$RGW_KEY"; secret_access_key = "$RGW_SECRET";
};
CONF
    chmod 600 "$CONF"
}
begun_uploads() { # below the prefix, whoever has begun them
    "$BUILD/tests/e2e/s3_driver" bucket=photos endpoint=http://127.0.0.1:$PORT key="$RGW_KEY" secret="$RGW_SECRET" \
        uploads results/ 2>/dev/null | grep -c '^  '
}
rclone_of() { # COMMAND...
    RCLONE_CONFIG_T_TYPE=s3 RCLONE_CONFIG_T_PROVIDER=Ceph RCLONE_CONFIG_T_ENDPOINT=http://127.0.0.1:$PORT \
        RCLONE_CONFIG_T_ACCESS_KEY_ID=$RGW_KEY RCLONE_CONFIG_T_SECRET_ACCESS_KEY=$RGW_SECRET rclone "$@" 2>"$WORK/rclone"
}

# A clock that is a day ahead, for the one process that it is loaded into: what is to be a day old is so now.
cat >"$WORK/tomorrow.c" <<'C'
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    long result = syscall(SYS_gettimeofday, now, zone);
    now->tv_sec += 25 * 3600;
    return (int)result;
}
C
cc -shared -fPIC -o "$WORK/tomorrow.so" "$WORK/tomorrow.c" || skip_all "no compiler"

ok "Ceph starts" start_ceph
# What is overwritten is gone at once: the store is in memory.
ok "a gateway" start_gateway $PORT "rgw gc obj min wait = 1" "rgw gc processor period = 5"
ok "a bucket" make_bucket $PORT photos
"$ROOT/tests/lib/s3_fault_proxy.py" $PORT "$WORK/port" "$WORK/faults" "$KILL_SEED" 2>"$WORK/proxy.log" &
disown
ok "a proxy" wait_for "the proxy" test -s "$WORK/port"

make_photos $SMALL 120 80 png
for number in 0 1; do
    vips gaussnoise "$WORK/noise.v" 3600 3600 --mean 128 --sigma 40 --seed $number
    vips cast "$WORK/noise.v" "$WORK/noise-$number.tif" uchar
done
new_share
echo 'inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
cp "$CONF" "$WORK/plain.conf"

generations() {
    sql 'SELECT coalesce(sum(generation), 0) FROM upload'
}
all_sent() {
    [ "$(sql 'SELECT count(*) FROM upload WHERE state = 0')" = 0 ]
}
published_more() { # COUNT
    [ "$(generations)" -ge $((begun + $1)) ]
}
in_parts() { # TABLE: of uploads in parts there is a row; or none will come any more
    [ "$(sql "SELECT count(*) FROM $1")" -gt 0 ] || { published_more $((SMALL + 2)) && all_sent; }
}
# Where the next one is killed.
moment_of() { # ROUND
    case $(($1 % 4)) in
    0) wait_for "an upload in parts" in_parts "upload WHERE multipart != ''" ;;
    1) wait_for "a part" in_parts upload_part ;;
    *) wait_for "some results" published_more $((RANDOM % SMALL + 1)) ;;
    esac
}

configure $PORT
start_daemon
for ((round = 1; round <= KILLS; round++)); do
    begun=$(generations)
    drop "$WORK/noise-$((round % 2)).tif" copy large.tif
    drop "$WORK/noise-$(((round + 1) % 2)).tif" copy other.tif
    for ((i = 0; i < SMALL; i++)); do
        drop "$WORK/sources/photo-0$(printf %02d $(((i + round) % SMALL))).png" gray "picture $i é.png"
    done
    moment_of "$round" || break
    kill -9 "$DAEMON"
    wait "$DAEMON" 2>/dev/null
    [ $round != $((KILLS / 2)) ] || configure "$(cat "$WORK/port")"
    start_daemon
done
is "it was killed $KILLS times (seed $KILL_SEED)" $((round - 1)) "$KILLS"
wait_settled $((SMALL + 2))
wait_for "the daemon to answer" daemon_answers # a killed one leaves its socket
ok "all is sent" ask --quiet s3 wait --timeout 300s
echo "# $(generations) generations of $((SMALL + 2)) results; spoilt: $(sort "$WORK/faults" | uniq -c | xargs)"
ok "the proxy has spoilt something" test -s "$WORK/faults"
ok "the daemon stops when told" stop_daemon

echo "# $(begun_uploads) uploads were begun and lost"
configure $PORT
before=("${DAEMON_AS[@]}")
DAEMON_AS+=(env LD_PRELOAD="$WORK/tomorrow.so")
start_daemon
DAEMON_AS=("${before[@]}")
none_is_left() {
    [ "$(begun_uploads)" = 0 ]
}
all_is_certain() {
    [ "$(sql 'SELECT count(*) FROM upload WHERE state != 2')" = 0 ]
}
ok "a day later none is left" wait_for "the janitor" none_is_left
ok "and nothing is doubted" wait_for "the doubts" all_is_certain
ok "the bucket is as the ledger says" ask --quiet s3 audit
ok "and as the outbox, byte by byte" rclone_of check --download "$SHARE/outbox" t:photos/results
echo "# rclone: $(grep -oE '[0-9]+ (differences|matching|hashes|files missing)[a-z ]*' "$WORK/rclone" | xargs)"
is "with nothing more" "$(rclone_of lsf -R --files-only t:photos | wc -l)" $((SMALL + 2))
ok "the daemon stops when told" stop_daemon
done_testing
