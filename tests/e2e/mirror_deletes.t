#!/bin/bash
# SPDX-License-Identifier: MIT
# The daemon with deletes = "mirror", on a clock that is $RATE times as fast as ours, so that hours pass in seconds: what people
# take out of the outbox goes from the store, slowly; but an empty mount, a stale one, a copy of the share in its place, a
# lost marker and a share that is moved away delete nothing, however long they last.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "mounting needs root"
RATE=1200
STORE=$WORK/bucket
ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}

cat >"$WORK/fast.c" <<C
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
// The share's server forgets what is open, as long as there is the file "stale".
long syscall(long number, ...) {
    static long (*real)(long, ...);
    real = real != NULL ? real : (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    va_list list;
    long word[4];
    va_start(list, number);
    for (int i = 0; i < 4; i++) {
        word[i] = va_arg(list, long);
    }
    va_end(list);
    if (number == SYS_openat2 && real(SYS_access, "$WORK/stale", F_OK) == 0) {
        errno = ESTALE;
        return -1;
    }
    return real(number, word[0], word[1], word[2], word[3]);
}
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
is_at() { # CLOCK_MS. To be asked wakes the daemon, which sleeps by our clock.
    daemon_answers && [ "$(clock_ms)" -ge "$1" ]
}
# For the daemon. It looks every 5 minutes, wants to miss a result for 15, and may delete one every half hour.
an_hour_passes() {
    wait_for "an hour" is_at $(($(clock_ms) + 3600 * 1000 / RATE))
}
fewer_than() {
    daemon_answers && [ "$(objects)" -lt "$1" ]
}
DAEMON_AS+=(env LD_PRELOAD="$WORK/fast.so")
start_daemon
wait_for "the daemon to answer" daemon_answers # with the clock of the store

cp -a "$SHARE/." "$WORK/copy"
find "$WORK/copy/outbox" -type f -delete
ok "all is there: an hour passes" an_hour_passes
is "all is there: nothing is deleted" "$(objects)" 40

times_said() { # WHAT
    grep -c "$1" "$WORK/log"
}
offline_more() {
    daemon_answers && [ "$(times_said 'is offline')" -gt "$offline" ]
}
back_more() {
    daemon_answers && [ "$(times_said 'is back')" -gt "$back" ]
}
nothing_happens() { # WHAT: the share is away, for an hour
    ok "$1: it is noticed" wait_for "the share to be offline" offline_more
    ok "$1: an hour passes" an_hour_passes
    is "$1: nothing is deleted" "$(objects)" 40
    offline=$(times_said 'is offline')
}
is_back() {
    ok "it is back" wait_for "the share to be back" back_more
    ok "an hour passes" an_hour_passes
    is "nothing is deleted behind it" "$(objects)" 40
    back=$(times_said 'is back')
    offline=$(times_said 'is offline')
}
offline=$(times_said 'is offline')
back=$(times_said 'is back')

mount -t tmpfs tmpfs "$SHARE"
nothing_happens "an empty mount"
umount "$SHARE"
is_back

mount -t tmpfs tmpfs "$SHARE/outbox"
nothing_happens "an empty mount over the outbox"
umount "$SHARE/outbox"
is_back

mount -t tmpfs tmpfs "$SHARE"
cp -a "$WORK/copy/." "$SHARE"
nothing_happens "a copy of the share with an empty outbox"
umount "$SHARE"
is_back

mkdir "$WORK/aside"
: >"$WORK/stale"
mv "$SHARE/outbox/gray" "$WORK/aside"
nothing_happens "a stale mount, and no results"
mv "$WORK/aside/gray" "$SHARE/outbox"
rm "$WORK/stale"
is_back

mv "$SHARE/.dropmill/root.id" "$WORK/aside"
mv "$SHARE/outbox/gray" "$WORK/aside"
nothing_happens "a lost marker, and no results"
mv "$WORK/aside/gray" "$SHARE/outbox"
mv "$WORK/aside/root.id" "$SHARE/.dropmill"
is_back

mv "$SHARE" "$SHARE.away"
mkdir "$SHARE"
nothing_happens "an empty folder in its place"
rmdir "$SHARE"
mv "$SHARE.away" "$SHARE"
is_back

rm "$SHARE"/outbox/gray/photo-00[0-4].png
ok "what people remove goes" wait_for "a deletion" fewer_than 40
ok "to the last" wait_for "all deletions" fewer_than 36
ok "an hour passes" an_hour_passes
is "and nothing more" "$(objects)" 35
ok "the daemon stops when told" stop_daemon
done_testing
