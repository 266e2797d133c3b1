#!/bin/bash
# SPDX-License-Identifier: MIT
# The daemon with deletes = "mirror", on a clock that is $RATE times as fast as ours, so that hours pass in seconds: what people
# take out of the outbox goes from the store, slowly; but an empty mount, a copy of the share in its place, a lost marker
# and a share that is moved away delete nothing, however long they last.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "mounting needs root"
RATE=1200
STORE=$WORK/bucket
ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}

cat >"$WORK/fast.c" <<C
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
// Both clocks begin with the process.
static int64_t since_ns(clockid_t clock, int64_t *begun) {
    struct timespec now;
    syscall(SYS_clock_gettime, clock, &now);
    int64_t ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
    *begun = *begun == 0 ? ns : *begun;
    return *begun + (ns - *begun) * $RATE;
}
int clock_gettime(clockid_t clock, struct timespec *ret) {
    static int64_t begun[2];
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        return (int)syscall(SYS_clock_gettime, clock, ret);
    }
    int64_t ns = since_ns(clock, &begun[clock]);
    *ret = (struct timespec){ns / 1000000000, ns % 1000000000};
    return 0;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec time;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &time);
    *now = (struct timeval){time.tv_sec, time.tv_nsec / 1000};
    return 0;
}
C
cc -shared -fPIC -o "$WORK/fast.so" "$WORK/fast.c" || skip_all "no compiler"

make_photos 40 60 40 png
new_share
mkdir "$STORE" "$WORK/copy"
: >"$STORE/.dropmill-mirror"
cat >>"$CONF" <<CONF
inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };
originals = { keep = "forever"; };
s3 = { directory = "$STORE"; prefix = "results/"; deletes = "mirror"; };
CONF
start_daemon
drop_folder "$WORK/sources" gray
wait_settled 40
ok "all is sent" ask --quiet s3 wait --timeout 60s
ok "the daemon stops when told" stop_daemon

objects() {
    find "$STORE/results" -type f | wc -l
}
clock_ms() { # ours
    echo "${EPOCHREALTIME%???}" | tr -d .,
}
is_at() { # CLOCK_MS
    [ "$(clock_ms)" -ge "$1" ]
}
# For the daemon. It looks every 5 minutes, wants to miss a result for 15, and may delete one every half hour.
an_hour_passes() {
    wait_for "an hour" is_at $(($(clock_ms) + 3600 * 1000 / RATE))
}
fewer_than() {
    [ "$(objects)" -lt "$1" ]
}
DAEMON_AS+=(env LD_PRELOAD="$WORK/fast.so")
start_daemon
wait_for "the daemon to answer" daemon_answers # with the clock of the store

cp -a "$SHARE/." "$WORK/copy"
find "$WORK/copy/outbox" -type f -delete
ok "all is there: an hour passes" an_hour_passes
is "all is there: nothing is deleted" "$(objects)" 40

mount -t tmpfs tmpfs "$SHARE"
ok "an empty mount: an hour passes" an_hour_passes
is "an empty mount: nothing is deleted" "$(objects)" 40
umount "$SHARE"
ok "it goes: an hour passes" an_hour_passes
is "it goes: nothing is deleted" "$(objects)" 40

mount -t tmpfs tmpfs "$SHARE/outbox"
ok "an empty mount over the outbox: an hour passes" an_hour_passes
is "an empty mount over the outbox: nothing is deleted" "$(objects)" 40
umount "$SHARE/outbox"

mount -t tmpfs tmpfs "$SHARE"
cp -a "$WORK/copy/." "$SHARE"
ok "a copy of the share with an empty outbox: an hour passes" an_hour_passes
is "a copy of the share with an empty outbox: nothing is deleted" "$(objects)" 40
umount "$SHARE"

mkdir "$WORK/aside"
mv "$SHARE/.dropmill/root.id" "$WORK/aside"
mv "$SHARE/outbox/gray" "$WORK/aside"
ok "a lost marker, and no results: an hour passes" an_hour_passes
is "a lost marker, and no results: nothing is deleted" "$(objects)" 40
mv "$WORK/aside/gray" "$SHARE/outbox"
mv "$WORK/aside/root.id" "$SHARE/.dropmill"

mv "$SHARE" "$SHARE.away"
mkdir "$SHARE"
ok "an empty folder in its place: an hour passes" an_hour_passes
is "an empty folder in its place: nothing is deleted" "$(objects)" 40
rmdir "$SHARE"
mv "$SHARE.away" "$SHARE"
ok "all is there again: an hour passes" an_hour_passes
is "all is there again: nothing is deleted" "$(objects)" 40

rm "$SHARE"/outbox/gray/photo-00[0-4].png
ok "what people remove goes" wait_for "a deletion" fewer_than 40
ok "to the last" wait_for "all deletions" fewer_than 36
ok "an hour passes" an_hour_passes
is "and nothing more" "$(objects)" 35
ok "the daemon stops when told" stop_daemon
done_testing
