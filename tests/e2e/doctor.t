#!/bin/bash
# SPDX-License-Identifier: MIT
# dropmill doctor: each thing that it looks at is broken once, as it breaks in life; it says which it is, first, with what
# mends it, and ends with the exit code that fits. Nothing is left behind, nobody is disturbed, and nothing that hangs holds it.
. "$(dirname "$0")/lib.sh"

# For the programs that it is preloaded into, as the environment says: a share that hangs, no leases, another clock.
cat >"$WORK/broken.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static void hang(const char *which) { /* until the other end of a pipe is opened */
    const char *path = getenv(which);
    int fd = path != NULL ? (int)syscall(SYS_open, path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        close(fd);
    }
}
char *realpath(const char *path, char *resolved) {
    char *(*real)(const char *, char *) = (char *(*)(const char *, char *))dlsym(RTLD_NEXT, "realpath");
    hang("HANG_SHARE");
    return real(path, resolved);
}
int fsync(int fd) {
    hang("HANG_PROBE");
    return (int)syscall(SYS_fsync, fd);
}
int fcntl64(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (command == F_SETLEASE && getenv("NO_LEASES") != NULL) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_fcntl, fd, command, argument);
}
int fcntl(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return fcntl64(fd, command, argument);
}
int gettimeofday(struct timeval *ret, void *zone) {
    struct timespec now;
    (void)zone;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    ret->tv_sec = now.tv_sec + (getenv("CLOCK_OFF") != NULL ? 100 : 0);
    ret->tv_usec = now.tv_nsec / 1000;
    return 0;
}
int clock_gettime(clockid_t clock, struct timespec *ret) {
    int code = (int)syscall(SYS_clock_gettime, clock, ret);
    ret->tv_sec += clock == CLOCK_REALTIME && getenv("CLOCK_OFF") != NULL ? 100 : 0;
    return code;
}
C
cc -shared -fPIC -o "$WORK/broken.so" "$WORK/broken.c" -ldl || skip_all "no compiler"
service_runs
new_share
cat >>"$CONF" <<CONF
inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };
engine = { ranks = 1; threads = 1; };
CONF
cp "$CONF" "$WORK/good.conf"
broken=(env LD_PRELOAD="$WORK/broken.so")
USER_NAME=$(getent passwd $SERVICE_UID | cut -d: -f1)
has_users && USER_NAME=${USER_NAME:-$SERVICE_UID} || USER_NAME=$(id -un)

doctor() { # [ARGUMENT...]: what it says is in $said, how it ended in $code
    "${AS[@]}" "$DROPMILL" --share "${LOOK_AT:-$SHARE}" --config "$CONF" doctor "$@" >"$WORK/said" 2>&1
    code=$?
}
AS=()
finds() { # VERDICT NAME TEXT: in that line, or below it
    awk -v verdict="$1" -v name="$2" '$1 == verdict && $2 == name { on = 1 } on { print } on && /^$/ { exit }' "$WORK/said" |
        grep -q -e "$3" || { sed 's/^/# said: /' "$WORK/said"; return 1; }
}
mends() { # NAME TEXT: it says so below the line of that check
    sed -n "/^[a-z]* *$1 /,/^[a-z]/p" "$WORK/said" | grep -q -e "to mend: .*$2" || { sed 's/^/# said: /' "$WORK/said"; return 1; }
}
nothing_left() {
    [ -z "$(find "$SHARE" -name '*doctor*' -print -quit; find "$(dirname "$WORK")" "${TMPDIR:-/tmp}" -maxdepth 1 -name 'dropmill-doctor-*')" ]
}
one_failure() {
    [ "$(grep -c '^failed ' "$WORK/said")" = 1 ] || { sed 's/^/# said: /' "$WORK/said"; return 1; }
}
good_conf() {
    cp "$WORK/good.conf" "$CONF"
}

# ---- before there is anything
LOOK_AT=$WORK/nowhere doctor
is "no share: exit 69" $code 69
ok "it says so" finds failed share "No such file"
ok "and how to make one" mends share "dropmill setup '$WORK/nowhere'"
ok "what needs no share is checked all the same" finds ok job "1 rank"
ok "what does is told, too" grep -q '^not checked: .*rights' "$WORK/said"
mkdir "$WORK/empty"
LOOK_AT=$WORK/empty doctor
ok "an empty mount point is no share" finds failed share "it is no share"
doctor
is "a share without a daemon: exit 0" $code 0
ok "which is told" finds warning daemon "nobody has watched this share yet"
ok "with the command" mends daemon "dropmilld --share '$SHARE'"
ok "nothing is left" nothing_left

# ---- all is well
start_daemon
before=$(wc -l <"$WORK/log")
doctor
is "all is well: exit 0" $code 0
is "nothing failed" "$(grep -c '^failed' "$WORK/said")" 0
ok "the daemon is asked" finds ok daemon "process [0-9]* of $USER_NAME"
ok "it uses what the files say" finds ok settings "uses what the files say"
ok "the jail holds" finds ok jail "held by"
ok "rights are those of its user" finds ok rights "$USER_NAME may make"
ok "a job says hello" finds ok job "up in [0-9]* ms"
ok "nothing is left" nothing_left
is "the daemon noticed nothing" "$(tail -n +$((before + 1)) "$WORK/log" | grep -cv 'debug')" 0
doctor --quiet
is "--quiet: only what is not ok" "$(grep -c '^ok' "$WORK/said")" 0
doctor --json
is "--json has every check" "$(grep -c '"name"' "$WORK/said")" "$(sed -n 's/^    {\.name = /&/p' "$ROOT/watcher/cli/doctor_table.c" | wc -l)"
is "and the sum" "$(json_member failed <"$WORK/said")" 0

# ---- the daemon
"$DROPMILL" --share "$SHARE" --config "$CONF" --quiet pause
doctor
ok "paused" finds warning work "paused"
ok "to go on" mends work "dropmill resume"
"$DROPMILL" --share "$SHARE" --config "$CONF" --quiet resume
echo 'history = { keep = "7d"; };' >>"$CONF"
doctor
ok "a file was changed, and not taken" finds warning settings "something else than what the daemon has read"
ok "that mends it" mends settings "kill -HUP $DAEMON"
good_conf
kill -STOP "$DAEMON"
doctor
kill -CONT "$DAEMON"
is "a daemon that does not answer: exit 69" $code 69
ok "it says so" finds failed daemon "does not answer"
stop_daemon
doctor
is "a daemon that does not run any more: exit 69" $code 69
ok "it says so" finds failed daemon "not running"
mkdir "$WORK/older"
cp "$(dirname "$DROPMILLD")"/dropmill-worker "$(dirname "$DROPMILLD")"/*.so "$WORK/older" 2>/dev/null
version=$("$DROPMILL" --version | cut -d' ' -f2)
sed "s/$version/$(tr 0-8 1-9 <<<"$version")/g" "$DROPMILLD" >"$WORK/older/dropmilld"
chmod -R a+rX "$WORK/older"
chmod a+x "$WORK/older/dropmilld"
newer=$DROPMILLD DROPMILLD=$WORK/older/dropmilld
start_daemon
doctor
ok "a daemon of another version" finds warning version "the daemon is $(tr 0-8 1-9 <<<"$version"), this is $version"
stop_daemon
DROPMILLD=$newer

# ---- the configuration
printf 'pge = { listen = 3; };\nhistory = { keep = "7 parsecs"; };\n' >>"$CONF"
doctor
is "mistakes in the configuration: exit 78" $code 78
ok "one is told" finds failed configuration "pge"
ok "and the other" finds failed configuration "parsecs"
ok "what is good of it is used" finds ok ledger-place "$WORK/state"
ok "it comes first" test "$(head -n 1 "$WORK/said" | cut -d' ' -f1)" = failed
echo 'share = "half' >>"$CONF"
doctor
ok "a file that cannot be read at all" finds failed configuration "dropmill.conf:"
ok "nothing is said of what would be without it" one_failure
good_conf
echo 'hooks = { exec = "/nowhere/program"; };' >>"$CONF"
doctor
ok "a program for notices that is not there" finds failed hooks "cannot run '/nowhere/program'"
ok "what it has to be" mends hooks "executable"
good_conf

# ---- rights, room
if has_users; then
    start_daemon
    chown 0:0 "$SHARE/outbox"
    chmod 755 "$SHARE/outbox"
    doctor
    is "a room of root's: exit 77" $code 77
    ok "it says whose right is missing" finds failed rights "$USER_NAME cannot write into '$SHARE/outbox': Permission denied"
    sh -c "$(sed -n 's/.*to mend: *\(chown .*\)/\1/p' "$WORK/said" | head -n 1)"
    doctor
    is "what it says mends it" $code 0
    stop_daemon

    mount --bind "$SHARE/outbox" "$SHARE/outbox" && mount -o remount,ro,bind "$SHARE/outbox"
    doctor
    ok "a read-only disk" finds failed rights "Read-only file system"
    ok "to mount it anew" mends rights "mount -o remount,rw $SHARE/outbox"
    umount "$SHARE/outbox"

    mount -t tmpfs -o size=64k,mode=777 none "$SHARE/outbox"
    head -c 1M /dev/zero >"$SHARE/outbox/full" 2>/dev/null
    doctor
    ok "a full disk" finds failed room "0 B are free where results go"
    ok "nothing can be written" finds failed rights "No space left"
    umount "$SHARE/outbox"

    mount -t tmpfs -o size=64k,mode=777 none "$(dirname "$LEDGER")"
    doctor
    ok "a ledger in memory" finds warning ledger-place "is in memory (tmpfs)"
    head -c 1M /dev/zero >"$(dirname "$LEDGER")/full" 2>/dev/null
    doctor
    ok "no room for the ledger" finds failed ledger-place "there is no room"
    umount "$(dirname "$LEDGER")"
    ok "nothing is left" nothing_left
else
    skip 9 "only root can show this"
fi

# ---- the share
AS=("${broken[@]}" NO_LEASES=yes)
doctor
ok "a file system without leases" finds warning leases "has no leases"
AS=("${broken[@]}" CLOCK_OFF=yes)
doctor
ok "a share with another clock" finds warning clock "the clock of the share is [0-9]* s behind ours"
mkfifo -m 666 "$WORK/pipe"
AS=("${broken[@]}" HANG_SHARE="$WORK/pipe")
start=$SECONDS
doctor
is "a share that hangs: exit 69" $code 69
ok "it says so" finds failed share "no answer within 5 s: the share hangs"
ok "within seconds" test $((SECONDS - start)) -lt 30
AS=("${broken[@]}" HANG_PROBE="$WORK/pipe")
doctor
ok "it hangs while it is written" finds failed rights "no answer within 5 s: the share hangs"
ok "the probes are still there" test -n "$(find "$SHARE" -name '.dropmill-doctor-*' -print -quit)"
release() { # whoever hangs goes on
    : <>"$WORK/pipe"
    ! pgrep -f "$CONF doctor" >"$WORK/hanging" && nothing_left
}
ok "and are taken away when it answers again" wait_for "the probes" release
hangs() {
    [ -n "$(find "$SHARE" -name '.dropmill-doctor-*' -print -quit)" ]
}
"${AS[@]}" "$DROPMILL" --share "$SHARE" --config "$CONF" doctor >"$WORK/said" 2>&1 &
pid=$!
ok "it lays a probe" wait_for "the probe" hangs
kill -INT $pid
rm "$WORK/pipe.old" 2>/dev/null
exec {open}<>"$WORK/pipe"
rm "$WORK/pipe"
wait $pid
is "it ends by the signal" $? 130
exec {open}>&-
ok "and leaves nothing" nothing_left
AS=()

cp -a "$SHARE" "$WORK/copy"
LOOK_AT=$WORK/copy doctor
is "a copy of the share: exit 78" $code 78
ok "it says of which" finds failed identity "another share than the one that was last watched at '$SHARE'"
mv "$SHARE" "$SHARE.away"
doctor
is "the share is away: exit 69" $code 69
ok "it was one" finds failed share "it was a share, and may be away"
ok "its ledger is looked at all the same" finds ok ledger "sound"
mv "$SHARE.away" "$SHARE"

# ---- the ledger
cp "$LEDGER" "$WORK/ledger.db"
"${DAEMON_AS[@]}" sqlite3 "$LEDGER" "PRAGMA wal_checkpoint(TRUNCATE)" >"$WORK/checkpoint"
dd if=/dev/urandom of="$LEDGER" bs=1024 seek=8 count=8 conv=notrunc 2>/dev/null
doctor
ok "a damaged ledger" finds failed ledger "damaged\|malformed"
"${DAEMON_AS[@]}" sqlite3 "$WORK/ledger.db" "PRAGMA user_version = 1000" 2>/dev/null || sqlite3 "$WORK/ledger.db" "PRAGMA user_version = 1000"
rm -f "$LEDGER"*
cp "$WORK/ledger.db" "$LEDGER"
chmod 644 "$LEDGER"
doctor
ok "a newer ledger" finds failed ledger "a newer dropmill made it"
rm -f "$LEDGER"*

# ---- the worker
sed -i 's|threads = 1;|threads = 1; worker = "/nowhere/worker";|' "$CONF"
doctor
is "no worker: exit 78" $code 78
ok "it says so" finds failed worker "/nowhere/worker"
printf '#!/bin/sh\nexec "%s" "$@" --no-jail\n' "$(dirname "$DROPMILLD")/dropmill-worker" >"$WORK/worker"
chmod 755 "$WORK/worker"
sed -i "s|/nowhere/worker|$WORK/worker|" "$CONF"
doctor
is "no jail: exit 78" $code 78
ok "it says so" finds failed jail "decoders are held by nothing"
# shellcheck disable=SC2016 # the worker's own words
printf '#!/bin/sh\n[ "$1" = --session ] && exit 3\nexec "%s" "$@"\n' "$(dirname "$DROPMILLD")/dropmill-worker" >"$WORK/worker"
doctor
is "no job can be started: exit 69" $code 69
ok "it says so" finds failed job "exit code 3\|cannot be started"
good_conf
if has_users; then
    printf 'localhost slots=1\nno-such-host.invalid slots=4\n' >"$WORK/hosts"
    sed -i "s|ranks = 1;|ranks = 1; hostfile = \"$WORK/hosts\"; connect = \"5s\";|" "$CONF"
    doctor
    is "a host that is not there: exit 69" $code 69
    ok "it says which" finds failed hosts "no-such-host.invalid: "
    ok "and how long the other took" finds failed hosts "localhost: up in [0-9]* ms"
    ok "with what to try" mends hosts "ssh -o BatchMode=yes 'no-such-host.invalid'"
    good_conf
else
    skip 4 "hosts are not for root, and who is not root has no others"
fi

# ---- the store
echo "s3 = { directory = \"$WORK/store\"; };" >>"$CONF"
install -d -m 777 "$WORK/store"
: >"$WORK/store/.dropmill-mirror"
doctor
ok "a store" finds ok store "an object was put, seen and deleted"
is "is as it was" "$(find "$WORK/store" -type f)" "$WORK/store/.dropmill-mirror"
good_conf
cat >>"$CONF" <<CONF
s3 = { bucket = "pictures"; endpoint = "http://127.0.0.1:9"; access_key_id = "a"; secret_access_key = "b"; };
CONF
chmod 600 "$CONF"
! has_users || chown $SERVICE_UID "$CONF"
doctor
is "a store that is down: exit 69" $code 69
ok "it says so" finds failed store "127.0.0.1"
chmod 644 "$CONF"
good_conf

# ---- a stranger
if has_users; then
    chmod 755 "$WORK"
    chmod 644 "$CONF"
    start_daemon
    AS=("${AS_STRANGER[@]}")
    doctor
    ok "a stranger is told that this is not for him" grep -q "For a true answer: sudo dropmill doctor" "$WORK/said"
    is "and gets no false alarm" "$(grep -c '^failed' "$WORK/said")" 0
    AS=("${AS_SERVICE[@]}")
    doctor
    is "the daemon's user sees what root sees" $code 0
    AS=()
    sed "s|^state_dir.*|state_dir = \"$WORK/elsewhere\";|; s|^runtime_dir.*|runtime_dir = \"$WORK/elsewhere\";|" "$WORK/good.conf" >"$CONF"
    doctor
    is "a daemon whose ledger is elsewhere is well: exit 0" $code 0
    ok "it says whose it is" finds warning daemon "user [^ ]* watches the share"
    ok "and who is to ask" mends daemon "sudo -u [^ ]* dropmill doctor --share '$SHARE'"
    ok "nothing is said of a ledger that is not its own" grep -qE '^not checked: *(cap-lease, )?ledger-place, ledger, runtime, settings, work$' "$WORK/said"
    "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet history 2>"$WORK/said"
    is "its history is not told as if it had none: exit 77" $? 77
    "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet pause 2>"$WORK/said"
    is "it cannot be paused from here: exit 77" $? 77
    ok "and it is said why" grep -q "is watched by user [^ ]*, who is to ask" "$WORK/said"
    good_conf
    stop_daemon
else
    skip 10 "playing a stranger needs root"
fi
ok "nothing is left" nothing_left
done_testing
