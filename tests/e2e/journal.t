#!/bin/bash
# SPDX-License-Identifier: MIT
# Where stderr is the journal, lines have no times and the priorities of syslog(3): what ends the program is an error there, not
# a warning; and lines about a file or a job have fields by which they are found, which no file name can forge. Here the journal
# is a socket of ours.
. "$(dirname "$0")/lib.sh"

mkdir -p /run/systemd 2>/dev/null
mount -t tmpfs none /run/systemd 2>/dev/null || skip_all "no file system of our own on /run/systemd"
mkdir -p /run/systemd/journal
cat >"$WORK/journal.py" <<'PY'
"""journal.py FILE PROGRAM...: run it with a journal for its stderr, and write what that gets: one object of JSON an entry."""
import json
import signal
import socket
import struct
import subprocess
import sys
import threading


def fields(entry):
    """KEY=value, or KEY, the length in 8 bytes, and a value that may have any bytes."""
    found = {}
    while entry:
        line, _, rest = entry.partition(b"\n")
        key, equals, value = line.partition(b"=")
        if not equals:
            length = struct.unpack("<Q", rest[:8])[0]
            value, rest = rest[8:8 + length], rest[9 + length:]
        name = key.decode()
        assert name not in found, f"{name} twice"
        found[name], entry = value.decode("utf-8", "surrogateescape"), rest
    return found


stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
stream.bind("/run/systemd/journal/stdout")
stream.listen(1)
entries = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
entries.bind("/run/systemd/journal/socket")
stderr = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
stderr.connect("/run/systemd/journal/stdout")
program = subprocess.Popen(sys.argv[2:], stderr=stderr)
signal.signal(signal.SIGTERM, lambda *_: program.terminate())
ended = threading.Thread(target=program.wait)
ended.start()
with open(sys.argv[1], "w", encoding="ascii") as journal:
    while True:
        over = not ended.is_alive()
        entries.settimeout(0.2)
        try:
            json.dump(fields(entries.recv(1 << 20)), journal)
            journal.write("\n")
            journal.flush()
        except TimeoutError:
            if over:
                break
sys.exit(program.returncode)
PY
cat >"$WORK/found.py" <<'PY'
"""found.py FILE FIELDS KEY=VALUE...: these fields of the entries that have such values, "-" for one that is not there."""
import json
import sys

wanted = [word.split("=", 1) for word in sys.argv[3:]]
for line in open(sys.argv[1], encoding="ascii"):
    entry = json.loads(line)
    if all(entry.get(key) == value for key, value in wanted):
        print(*(ascii(entry[key])[1:-1] if key in entry else "-" for key in sys.argv[2].split(",")))
PY
found() { # FIELDS KEY=VALUE...
    python3 -B "$WORK/found.py" "$WORK/journal" "$@"
}
event() { # NAME of common/log_event.h
    sed -n "s/^#define DM_EVENT_$1 \"\(.*\)\"\$/MESSAGE_ID=\1/p" "$ROOT/common/log_event.h"
}
JOURNAL=(python3 -B "$WORK/journal.py" "$WORK/journal")

printf 'share = "/nowhere";\n' >"$WORK/a.conf"
"${JOURNAL[@]}" "$DROPMILLD" --config "$WORK/a.conf" --check-config
is "a warning has priority 4" "$(found PRIORITY | sort -u)" 4
ok "and says what it says" grep -q "^$WORK/a.conf:1: share '/nowhere'" <(found MESSAGE)
rm -f /run/systemd/journal/*
"${JOURNAL[@]}" "$DROPMILLD" --config "$WORK/a.conf"
ok "what ends it has priority 3, and no time before it" grep -q "^$WORK/a.conf:1: share '/nowhere'" <(found MESSAGE PRIORITY=3)

# ---- files and jobs

make_photos 1 320 200 jpg
new_share
cat >>"$CONF" <<CONF
inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };
engine = { idle = "2s"; };
CONF
evil=$'a\nPRIORITY=0\nMESSAGE=the house is on fire\nDROPMILL_FILE=other.jpg'
drop "$WORK/sources/photo-000.jpg" gray_blur-3 plain.jpg
drop "$WORK/sources/photo-000.jpg" gray "$evil"
drop "$WORK/sources/photo-000.jpg" gray $'no \xff\xfe text.jpg'
echo "no picture" >"$WORK/bad.jpg"
drop "$WORK/bad.jpg" invert
rm -f /run/systemd/journal/*
DAEMON_AS=("${JOURNAL[@]}")
start_daemon
DAEMON_AS=()
ok "three are done, one fails" wait_ends 3 1
job_has_ended() {
    found DROPMILL_JOB "$(event JOB_ENDED)" | grep -qx '[1-9]'
}
ok "the job that has ended is told with its number" wait_for "it" job_has_ended
ok "the daemon stops when told" stop_daemon
seconds='[0-9]{3,}' # of work, as microseconds
ok "a result: file, chain, job, rank, how long" grep -qE "^published 'gray_blur-3/plain.jpg' 6 gray_blur-3 - [1-9] 0 $seconds\$" \
    <(found MESSAGE,PRIORITY,DROPMILL_CHAIN,DROPMILL_REASON,DROPMILL_JOB,DROPMILL_RANK,DROPMILL_DURATION_USEC "$(event DONE)" DROPMILL_FILE=gray_blur-3/plain.jpg)
ok "a failure: why, too" grep -qE "^4 invert not-an-image [1-9] 0 moved to failed 'invert/bad.jpg': not-an-image: " \
    <(found PRIORITY,DROPMILL_CHAIN,DROPMILL_REASON,DROPMILL_JOB,DROPMILL_RANK,MESSAGE "$(event FAILED)" DROPMILL_FILE=invert/bad.jpg)
is "a name of several lines is one field" "$(found PRIORITY,DROPMILL_CHAIN "$(event DONE)" "DROPMILL_FILE=gray/$evil")" "6 gray"
is "and forges none" "$(found MESSAGE PRIORITY=0)$(found MESSAGE DROPMILL_FILE=other.jpg)" ""
is "bytes that are no text are there as they are" "$(found DROPMILL_FILE "$(event DONE)" | grep -c 'no \\udcff\\udcfe text.jpg')" 1
is "so is one that is up" "$(found DROPMILL_JOB,DROPMILL_FILE "$(event JOB_UP)" | head -n 1)" "1 -"
is "each line is ours, in one line" "$(found MESSAGE | grep -c '\\n')" 0
is "what is about nothing has no fields" "$(found DROPMILL_FILE,DROPMILL_JOB,DROPMILL_RANK "$(event WATCHING)")" "- - -"
is "each event has an entry in the catalogue" "$(sed -n 's/^#define DM_EVENT_.*"\(.*\)"$/\1/p' "$ROOT/common/log_event.h" | sort)" \
    "$(sed -n 's/^-- //p' "$ROOT/packaging/journald/dropmill.catalog" | sort)"
done_testing
