#!/bin/bash
# SPDX-License-Identifier: MIT
# dropmill forget: the ledger of a share goes with what belongs to it, when nobody watches; the share is not touched. What it
# says will happen when the share is watched again happens.
. "$(dirname "$0")/lib.sh"

service_runs
make_photos 2 120 80 png
new_share
echo 'inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
forget() {
    "${AS[@]}" "$DROPMILL" --config "$CONF" forget "$@" >"$WORK/said" 2>&1 </dev/null
}
tree() { # what is in the share, and when it was changed
    find "$SHARE" -printf '%p %T@ %s %i\n' | sort
}
AS=("${DAEMON_AS[@]}")
forget --yes "$SHARE"
is "never watched: exit 66" $? 66
start_daemon
drop "$WORK/sources/photo-000.png" gray a.png
ok "a picture is made" wait_ends 1 0
state=$(dirname "$LEDGER")
run=$WORK/run/$(basename "$state")
forget --yes "$SHARE"
is "while it is watched: exit 75" $? 75
ok "it says so" grep -q "stop its dropmilld first" "$WORK/said"
ok "the ledger is there" test -s "$LEDGER"
stop_daemon
before=$(tree)
forget "$SHARE"
is "nobody to ask, and no --yes: exit 64" $? 64
ok "it says what would go" grep -q "$LEDGER" "$WORK/said"
ok "and what it holds" grep -q "It remembers 1 done, 0 failed, 0 under way" "$WORK/said"
ok "and what that means" grep -q "every picture that is then in inbox is made" "$WORK/said"
ok "nothing has gone" test -s "$LEDGER"
answer() { # TEXT: on a terminal
    /usr/bin/python3 -B - "$1" "${AS[@]}" "$DROPMILL" --config "$CONF" forget "$SHARE" <<'PY' >"$WORK/said"
import os, pty, sys
answer, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
said = b""
try:
    while block := os.read(terminal, 4096):
        said += block
        if said.endswith(b"Type yes: "):
            os.write(terminal, answer.encode() + b"\n")
except OSError:
    pass
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
}
answer y
is "it asks; y is not yes: exit 75" $? 75
ok "nothing has gone" test -s "$LEDGER"
if has_users; then
    AS=("${AS_STRANGER[@]}")
    forget --yes "$SHARE"
    ok "a stranger is refused" test $? -ne 0
    ok "nothing has gone" test -s "$LEDGER"
    AS=("${DAEMON_AS[@]}")
else
    skip 2 "playing a stranger needs root"
fi
mv "$SHARE" "$SHARE.away"
"${AS[@]}" "$DROPMILL" --config "$CONF" --json forget --yes "$SHARE" >"$WORK/said"
is "a share that is away is forgotten" $? 0
ok "JSON says what went" grep -q '"path": ".*/ledger.db"' "$WORK/said"
mv "$SHARE.away" "$SHARE"
ok "the ledger has gone" test ! -e "$state"
ok "and what belongs to it" test ! -e "$run"
is "the share is as it was" "$(tree)" "$before"
start_daemon
drop "$WORK/sources/photo-001.png" gray a.png
ok "it is watched again" wait_ends 1 0
ok "the old result is there, and the new one beside it" test -e "$SHARE/outbox/gray/a.png" -a -e "$SHARE/outbox/gray/a (png).png"
"${AS[@]}" mkdir -p "$SHARE/failed/gray"
"${AS[@]}" cp "$WORK/sources/photo-000.png" "$SHARE/failed/gray/failed.png"
"${AS[@]}" "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet retry --all
is "what is in failed is brought back, as it says" $? 0
ok "and made" wait_ends 2 0
stop_daemon
answer yes
is "yes on a terminal" $? 0
ok "the ledger has gone" test ! -e "$state"
done_testing
