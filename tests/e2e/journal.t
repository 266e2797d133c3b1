#!/bin/bash
# SPDX-License-Identifier: MIT
# Where stderr is the journal, lines have no times and the priorities of syslog(3): what ends the program is an error there, not
# a warning. Here the journal is a socket of ours.
. "$(dirname "$0")/lib.sh"

mkdir -p /run/systemd 2>/dev/null
mount -t tmpfs none /run/systemd 2>/dev/null || skip_all "no file system of our own on /run/systemd"
mkdir -p /run/systemd/journal
cat >"$WORK/journal.py" <<'PY'
"""Run a program whose stderr is a journal; write what that got, one "PRIORITY message" a line."""
import socket
import subprocess
import sys

stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
stream.bind("/run/systemd/journal/stdout")
stream.listen(1)
entries = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
entries.bind("/run/systemd/journal/socket")
entries.settimeout(0.2)
stderr = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
stderr.connect("/run/systemd/journal/stdout")
subprocess.run(sys.argv[1:], stderr=stderr, check=False, timeout=60)
try:
    while True:
        fields = dict(line.split("=", 1) for line in entries.recv(65536).decode().splitlines() if "=" in line)
        print(fields["PRIORITY"], fields["MESSAGE"])
except TimeoutError:
    pass
PY
printf 'share = "/nowhere";\n' >"$WORK/a.conf"
python3 -B "$WORK/journal.py" "$DROPMILLD" --config "$WORK/a.conf" --check-config >"$WORK/journal"
ok "a warning has priority 4" grep -q "^4 share '/nowhere'" "$WORK/journal"
rm -f /run/systemd/journal/*
python3 -B "$WORK/journal.py" "$DROPMILLD" --config "$WORK/a.conf" >"$WORK/journal"
ok "what ends it has priority 3, and no time before it" grep -q "^3 share '/nowhere'" "$WORK/journal"
done_testing
