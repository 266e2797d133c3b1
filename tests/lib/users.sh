# shellcheck shell=bash disable=SC2034 # lib.sh reads what is set here
# SPDX-License-Identifier: MIT
#
# Three neighbours, known by their numbers alone, for tests that root makes: root may do everything, so it hides what
# another would stumble over, and nobody can attack it. For a test that sources lib.sh.
#
#   as_service COMMAND...     who the daemon is; the share belongs to it
#   as_mate COMMAND...        may write into the share by its group
#   as_stranger COMMAND...    a local user without a right on anything
#   own_namespaces "$0"       the test again, in processes, mounts and a network (with lo) that go with it
#   service_runs              from here on new_share, start_daemon, drop and sql are done by these users
#   need_users                skip the whole test where nobody else can be played
#   need_own_networks         the same where a job of several ranks cannot be started
#
# Where the test is not root there is one user for all: the three prefixes do nothing.

readonly SERVICE_UID=61001 MATE_UID=61002 STRANGER_UID=61003 SHARE_GID=61000
AS_SERVICE=()
AS_MATE=()
AS_STRANGER=()

has_users() {
    [ ${#AS_SERVICE[@]} -gt 0 ]
}

as_service() {
    "${AS_SERVICE[@]}" "$@"
}

as_mate() {
    "${AS_MATE[@]}" "$@"
}

as_stranger() {
    "${AS_STRANGER[@]}" "$@"
}

need_users() {
    has_users || skip_all "playing three users needs root"
}

# Several ranks on this machine are put into a network namespace; some systems allow none.
has_own_networks() {
    as_service unshare --user --map-current-user --net true 2>/dev/null
}

need_own_networks() {
    has_own_networks || skip_all "several ranks need a network namespace"
}

# The words that make a command one of that user. A mate shares what it makes with its group.
prefix_of() { # UID GID GROUPS UMASK
    printf '%s\n' env HOME="$WORK/home-$1" setpriv --reuid "$1" --regid "$2" "$3" --inh-caps=-all \
        sh -c "umask $4; exec \"\$@\"" sh
}

make_users() {
    local uid
    mkdir "$WORK/people" # where a mate puts things together
    [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || return 0
    chown $MATE_UID:$SHARE_GID "$WORK/people"
    chmod 2775 "$WORK/people"
    for uid in $SERVICE_UID $MATE_UID $STRANGER_UID; do
        install -d -o "$uid" -m 700 "$WORK/home-$uid"
    done
    mapfile -t AS_SERVICE < <(prefix_of $SERVICE_UID $SHARE_GID --clear-groups 022)
    mapfile -t AS_MATE < <(prefix_of $MATE_UID $MATE_UID --groups=$SHARE_GID 002)
    mapfile -t AS_STRANGER < <(prefix_of $STRANGER_UID $STRANGER_UID --clear-groups 022)
}

# The build may lie where the service may not go, as below /root.
lend_programs() {
    local program
    mkdir -p "$WORK/bin"
    for program in dropmill dropmilld dropmill-worker; do
        cp "$BUILD/$program" "$WORK/bin"
    done
    DROPMILL=$WORK/bin/dropmill
    DROPMILLD=$WORK/bin/dropmilld
}

service_runs() {
    has_users || return 0
    chown $SERVICE_UID:$SHARE_GID "$WORK"
    as_service test -x "$BUILD/dropmill-worker" || lend_programs
    DAEMON_AS=("${AS_SERVICE[@]}")
    PERSON_AS=("${AS_MATE[@]}")
}

# Everything that the test started ends with it, whatever becomes of the test.
own_namespaces() { # TEST
    local unshare=(unshare --mount --pid --net --ipc --fork --kill-child --mount-proc)
    [ "$(id -u)" = 0 ] && [ -z "${OWN_NAMESPACES:-}" ] && "${unshare[@]}" true 2>/dev/null || return 0
    exec "${unshare[@]}" env OWN_NAMESPACES=yes bash "$1"
}

# A new network has its loopback down.
raise_loopback() {
    [ -n "${OWN_NAMESPACES:-}" ] || return 0
    /usr/bin/python3 - <<'PY'
import fcntl, socket, struct
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
PY
}
