# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# A system that is thrown away: a real systemd as process 1 of namespaces of its own, over a root that nothing is
# written to. For a test that sources lib.sh.
#
#   need_systemd                   skip the whole test where none can be started
#   lay_root [LOWER]               $SYSTEM is LOWER (/) with what is written kept in memory
#   boot_system                    start systemd there; it goes with the test
#   inside COMMAND...              in that system, as root
#   inside_as USER COMMAND...      as one of its users
#   property UNIT NAME             what systemd says of a unit

need_systemd() {
    [ -n "${OWN_NAMESPACES:-}" ] || skip_all "a systemd of our own needs root and namespaces"
    [ -x /lib/systemd/systemd ] || skip_all "there is no systemd here"
    local top
    top=$(awk '$3 == "cgroup2" && $4 ~ /^rw/ {print $2; exit}' /proc/mounts)
    [ -z "$top" ] || find "$top" -depth -path '*/dropmill-test-*' -type d -exec rmdir {} + 2>/dev/null # of tests that were killed
    CGROUP=$(mktemp -d "$top/dropmill-test-XXXXXX" 2>/dev/null)
    [ -e "$CGROUP/cgroup.procs" ] ||
        skip_all "a systemd of our own needs cgroups (version 2) that may be written"
}

lay_root() {
    local lower=${1:-/}
    SYSTEM=$WORK/system
    mkdir -p "$WORK/memory" "$SYSTEM"
    mount -t tmpfs none "$WORK/memory"
    mkdir "$WORK/memory/upper" "$WORK/memory/work"
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$WORK/memory/upper,workdir=$WORK/memory/work" "$SYSTEM" 2>/dev/null ||
        skip_all "no overlay can be mounted here"
    if [ "$lower" = / ]; then # none of this machine's own services and mounts
        rm -rf "$SYSTEM"/etc/systemd/system/* "$SYSTEM/etc/fstab" "$SYSTEM"/etc/dropmill "$SYSTEM"/var/lib/dropmill*
    fi
    ln -sf /lib/systemd/system/basic.target "$SYSTEM/etc/systemd/system/default.target"
    mkdir -p "$SYSTEM"/etc/systemd/journald.conf.d
    printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' >"$SYSTEM/etc/systemd/journald.conf.d/test.conf"
}

# Runs as process 1: what a container's manager does, then systemd.
# shellcheck disable=SC2016 # the inner shell expands it
BOOT='
mount --make-rprivate / && cd "$1" && mount -t proc proc proc && mount -t sysfs sysfs sys &&
    mount -t cgroup2 cgroup2 sys/fs/cgroup && mount -t tmpfs none run && mount -t tmpfs none tmp && mount -t tmpfs none dev || exit 1
chmod 755 dev run
for node in null zero full random urandom tty; do
    touch dev/$node && mount --bind /dev/$node dev/$node || exit 1
done
mkdir dev/pts dev/shm && mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts && ln -s pts/ptmx dev/ptmx &&
    mount -t tmpfs -o mode=1777 none dev/shm || exit 1
pivot_root . mnt && umount -l /mnt && mount --make-rshared / || exit 1
exec env -i container=dropmill-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --show-status=no </dev/null
'

boot_system() {
    sh -c "echo \$\$ >'$CGROUP/cgroup.procs' && exec \"\$@\"" sh \
        unshare --mount --pid --cgroup --uts --ipc --net --fork --kill-child sh -c "$BOOT" sh "$SYSTEM" >"$WORK/boot" 2>&1 &
    disown
    local unshare=$!
    wait_for "a process 1" eval "SYSTEM_PID=\$(pgrep -P $unshare)" &&
        wait_for "systemd" eval 'inside systemctl is-system-running 2>/dev/null | grep -qE "running|degraded"' && return
    sed 's/^/# /' "$WORK/boot"
    skip_all "systemd does not start here: $(tail -n 1 "$WORK/boot")"
}

inside() {
    nsenter --target "$SYSTEM_PID" --all --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

inside_as() { # USER COMMAND...
    local user=$1
    shift
    inside setpriv --reuid "$user" --regid "$user" --init-groups "$@"
}

property() {
    inside systemctl show --value --property "$2" "$1"
}
