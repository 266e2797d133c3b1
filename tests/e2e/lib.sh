# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# For tests with the real daemon, mpirun and ledger: one share a test file, in a directory of its own that
# goes with the test. A test waits for a state of the ledger, with a deadline, never for a time.
#
#   new_share                     a share in $SHARE; settings in $CONF (libconfig lines)
#   start_daemon / stop_daemon    dropmilld on it
#   as_service, as_mate, as_stranger, service_runs, need_users    see tests/lib/users.sh
#   make_photos COUNT WIDTH HEIGHT EXTENSION    $WORK/sources/photo-000.EXTENSION, -001, ...
#   drop FILE CHAIN [NAME]        copy a file in, as a person would
#   drop_folder FOLDER CHAIN      a whole folder at once, as people drop them
#   wait_for WHAT COMMAND...      until COMMAND succeeds, at most $DEADLINE s
#   wait_settled N                until N files are done, failed or parked and nothing is on its way
#   wait_ends DONE FAILED         until so many files are done and so many in failed/
#   sql QUERY                     the ledger, and a view of its files in words: files(path, state, ...)
#   count_in STATE...             how many files are in one of these states, by their names in ledger.h: DONE
#   is_in PATH STATE [DROP]       whether a file is in this state, dropped so many times
#   reason_of PATH                why it failed or is parked
#   json_member NAME              of a JSON object on stdin: json_member daemon.engine.state
#   new_tree [MORE]               a copy of the sources, and of MORE, with what is built: $tree, its programs in $new
#   make_it TARGET...             make what is below build/VARIANT there
#   ok WHAT COMMAND... / is WHAT A B / skip COUNT WHY / skip_all WHY / done_testing

set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${BUILD:=$ROOT/build/release}"
: "${DEADLINE:=120}"
DROPMILL=$BUILD/dropmill
DROPMILLD=$BUILD/dropmilld
export E2E=$ROOT/tests/e2e
tests=0
failures=0
DAEMON=
DAEMON_AS=() # words before the daemon
PERSON_AS=() # words before what a person does

. "$ROOT/tests/lib/users.sh"
own_namespaces "$0"
raise_loopback
WORK=$(mktemp -d /tmp/dm.XXXXXX)
chmod 755 "$WORK"
make_users
exec {never_fd}<> <(:) # something to wait on for a moment without sleeping

cleanup() {
    [ -z "$DAEMON" ] || kill -9 "$DAEMON" 2>/dev/null
    pkill -9 -f "$WORK/" 2>/dev/null
    awk -v w="$WORK/" 'index($2, w) == 1 {print $2}' /proc/mounts | while read -r mount; do
        umount -l "$mount"
    done
    [ -n "${KEEP:-}" ] || rm -rf "$WORK"
}
trap cleanup EXIT

ok() {
    local what=$1
    shift
    tests=$((tests + 1))
    if "$@"; then
        echo "ok $tests - $what"
    else
        failures=$((failures + 1))
        echo "not ok $tests - $what"
        echo "# failed: $*"
        [ ! -s "$WORK/log" ] || tail -n 30 "$WORK/log" | sed 's/^/# log: /'
    fi
}

is() {
    tests=$((tests + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $tests - $1"
    else
        failures=$((failures + 1))
        echo "not ok $tests - $1"
        printf '# got:      %q\n# expected: %q\n' "$2" "$3"
        [ ! -s "$WORK/log" ] || tail -n 30 "$WORK/log" | sed 's/^/# log: /'
    fi
}

skip() { # COUNT WHY: tests that cannot be made here
    local i
    for ((i = 0; i < $1; i++)); do
        tests=$((tests + 1))
        echo "ok $tests # SKIP $2"
    done
}

skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

done_testing() {
    echo "1..$tests"
    exit $((failures > 0 || tests == 0))
}

json_member() { # true and false as in JSON; empty when there is none
    python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1].split("."):
    value = value.get(key, "") if isinstance(value, dict) else ""
print(value if isinstance(value, str) else json.dumps(value))' "$1"
}

moment() {
    read -r -t 0.05 -u "$never_fd" || :
}

wait_for() {
    local what=$1 end=$((SECONDS + DEADLINE))
    shift
    until "$@"; do
        if [ $SECONDS -ge $end ]; then
            echo "# waited $DEADLINE s for: $what"
            return 1
        fi
        if [ -n "$DAEMON" ] && ! kill -0 "$DAEMON" 2>/dev/null; then
            tail -n 30 "$WORK/log" | sed 's/^/# log: /'
            echo "Bail out! the daemon died while waiting for: $what"
            exit 1
        fi
        moment
    done
}

new_share() {
    SHARE=$WORK/share
    CONF=$WORK/dropmill.conf
    "${DAEMON_AS[@]}" "$DROPMILL" setup "$SHARE" >/dev/null || exit 1
    find "$SHARE/inbox" -mindepth 1 -delete
    cat >"$CONF" <<CONF
state_dir = "$WORK/state";
runtime_dir = "$WORK/run";
log_level = "info";
min_free = "0";
CONF
}

daemon_answers() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" --json status 2>/dev/null | grep -q '"turns"'
}

start_daemon() {
    "${DAEMON_AS[@]}" "$DROPMILLD" --share "$SHARE" --config "$CONF" "$@" >>"$WORK/log" 2>&1 &
    DAEMON=$!
    LEDGER=$WORK/state/$(cat "$SHARE/.dropmill/root.id")/ledger.db
    wait_for "the daemon" test -S "$WORK/run/$(cat "$SHARE/.dropmill/root.id")/control.sock"
}

stop_daemon() {
    kill "$DAEMON"
    wait "$DAEMON"
    local code=$?
    DAEMON=
    return $code
}

make_photos() {
    "$ROOT/tests/lib/photos.py" "$WORK/sources" "$@"
}

drop() {
    "${PERSON_AS[@]}" mkdir -p "$SHARE/inbox/$2"
    "${PERSON_AS[@]}" cp -- "$1" "$SHARE/inbox/$2/${3:-$(basename -- "$1")}"
}

drop_folder() { # as shared with the group as what its person makes anew
    "${PERSON_AS[@]}" cp -r --no-preserve=mode "$1" "$WORK/people/dropping"
    "${PERSON_AS[@]}" mv "$WORK/people/dropping" "$SHARE/inbox/$2"
}

# The words of the states, in the order of their numbers, from where the numbers are.
mapfile -t STATES < <(cat "$ROOT"/watcher/ledger/*.h | sed -n 's/^    DM_STATE_\([A-Z]*\),$/\1/p' | grep -vx COUNT)

# A view of the table `file` as people see it: paths are text, states are words.
files_view() {
    echo "CREATE TEMP VIEW files AS SELECT CAST(path AS TEXT) AS path, CASE state"
    local number
    for number in "${!STATES[@]}"; do
        echo "WHEN $number THEN '${STATES[number]}'"
    done
    echo "END AS state, generation, attempt, rank, reason, message, retired FROM file;"
}
FILES_VIEW=$(files_view)

sql() {
    "${DAEMON_AS[@]}" sqlite3 -readonly -cmd '.timeout 5000' -cmd "$FILES_VIEW" "$LEDGER" "$1"
}

# The words as SQL wants them: 'DONE', 'FAILED'
quoted() {
    printf ", '%s'" "$@" | cut -c 3-
}

count_in() {
    sql "SELECT count(*) FROM files WHERE state IN ($(quoted "$@"))"
}

ON_THEIR_WAY="state NOT IN ('DONE', 'FAILED', 'PARKED') OR (state = 'FAILED' AND NOT retired)"

# What a wait that failed leaves to be seen.
tell_states() {
    sql "SELECT '# ' || count(*) || ' ' || state FROM files GROUP BY state"
    return 1
}

settled() { # one statement: between two the daemon would move on
    [ "$(sql "SELECT count(*) >= $1 AND sum($ON_THEIR_WAY) = 0 FROM files")" = 1 ]
}

wait_settled() {
    wait_for "$1 files to be settled" settled "$1" || tell_states
}

ended() { # DONE FAILED
    [ "$(sql "SELECT sum(state = 'DONE') = $1 AND sum(state = 'FAILED' AND retired) = $2 FROM files")" = 1 ]
}

wait_ends() {
    wait_for "$1 done, $2 failed" ended "$1" "$2" || tell_states
}

is_in() {
    [ "$(sql "SELECT count(*) FROM files WHERE path = '$1' AND state = '$2' AND generation = ${3:-generation}")" = 1 ]
}

reason_of() {
    sql "SELECT reason FROM files WHERE path = '$1'"
}

new_tree() {
    variant=$(basename "$BUILD")
    tree=$WORK/tree
    new=$tree/build/$variant
    mkdir -p "$new"
    (cd "$ROOT" && cp -a Makefile README.md CONTRIBUTING.md common watcher mpi_worker packaging tests "$@" "$tree")
    cp -a "$BUILD"/obj "$BUILD"/*.a "$BUILD"/dropmill "$new"
}

make_it() {
    env -u MAKEFLAGS -u MAKELEVEL make -C "$tree" -s VARIANT="$variant" "${@/#/build/$variant/}" >"$WORK/make" 2>&1 ||
        { sed 's/^/# /' "$WORK/make"; return 1; }
}

no_temporaries() {
    [ -z "$(find "$SHARE" -name '.dropmill-*' -print -quit)" ]
}

# WIDTHxHEIGHT FORMAT-ish facts of an image
size_of() {
    echo "$(vipsheader -f width "$1")x$(vipsheader -f height "$1")"
}
