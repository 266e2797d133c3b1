#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGHUP: the whole configuration is taken anew or not at all, by the same process; what lies there meanwhile is done
# once; a service manager is told in the words of sd_notify(3).
. "$(dirname "$0")/lib.sh"

# What a service manager hears, one line a datagram.
listen() {
    /usr/bin/python3 -uB - "$WORK/notify" >"$WORK/told" <<'PY' &
import os, socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    print(heard.recv(4096).decode().replace("\n", " "))
PY
    disown
    wait_for "the service manager" test -S "$WORK/notify"
    export NOTIFY_SOCKET=$WORK/notify WATCHDOG_USEC=400000
}

told() { # PATTERN COUNT: so often at least
    [ "$(grep -c -- "$1" "$WORK/told")" -ge "$2" ]
}

is_refused() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" status | grep -q "$1"
}

service_runs
new_share
listen
start_daemon
ok "it is said when all is ready" wait_for "READY" told '^READY=1$' 1
ok "and what is done" wait_for "STATUS" told "^STATUS=$SHARE\$" 1
ok "and that the loop turns" wait_for "WATCHDOG" told '^WATCHDOG=1$' 3

make_photos 40 1600 1200 jpg
drop "$WORK/sources/photo-000.jpg" small
ok "a folder of an unknown name is left alone" wait_for "a note" test -e "$SHARE/inbox/small/READ ME - folder name not understood.txt"

printf 'recipes = { small = "resize-100"; };\n' >>"$CONF"
for photo in "$WORK"/sources/*; do
    drop "$photo" gray
done
kill -HUP "$DAEMON"
ok "it is said that all is read again" wait_for "RELOADING" told '^RELOADING=1 MONOTONIC_USEC=[0-9]*$' 1
ok "and when all is ready again" wait_for "READY" told '^READY=1$' 2
ok "the recipe is known" wait_for "its result" is_in small/photo-000.jpg DONE 1
wait_settled 41
is "what lay there meanwhile is done, once each" "$(sql "SELECT count(*) FROM files WHERE state = 'DONE' AND generation = 1")" 41
ok "by the same process" kill -0 "$DAEMON"

cp "$CONF" "$WORK/good"
sed -i 's/^log_level.*/log_level = "loud"; recepies = { };/' "$CONF"
kill -HUP "$DAEMON"
ok "a bad configuration is not taken" wait_for "READY" told '^READY=1$' 3
ok "each mistake is logged" grep -q "dropmill.conf:[0-9]*: unknown key 'recepies'; did you mean 'recipes'" "$WORK/log"
ok "and what happens" grep -q 'the new configuration is not taken, the old one stays in use' "$WORK/log"
ok "status answers all the same, with the mistakes" is_refused "^wrong *the new configuration: .*log_level.*'loud'"
ok "and what mends it" is_refused "to mend: correct it, .* kill -HUP $DAEMON"
ok "so does pause" "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet pause
ok "and resume" "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet resume
cp "$WORK/good" "$CONF"
ok "status has the mistakes" wait_for "them" is_refused "log_level.*'loud'"
drop "$WORK/sources/photo-001.jpg" small
ok "the old one works on" wait_for "its result" is_in small/photo-001.jpg DONE 1
kill -HUP "$DAEMON"
ok "a mended one is taken" wait_for "READY" told '^READY=1$' 4
ok "status has nothing to say of it" wait_for "that" eval '! is_refused loud && daemon_answers'
for _ in 1 2 3 4 5; do
    kill -HUP "$DAEMON"
done
ok "reloads in a row do no harm" wait_for "READY" told '^READY=1$' 5

# ---- while the share is away

log_has() { # PATTERN COUNT: so often
    [ "$(grep -c -- "$1" "$WORK/log")" = "$2" ]
}
is_offline() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" status | grep -q '^share *offline'
}
ok "the last one is in use" wait_for "that" eval '! is_refused loud && daemon_answers'
mv "$SHARE" "$SHARE.elsewhere"
ok "the share is away" wait_for "that" is_offline
taken=$(grep -c 'taking the configuration anew' "$WORK/log")
sed -i 's/^log_level.*/log_level = "loud";/' "$CONF"
kill -HUP "$DAEMON"
ok "a bad configuration is not taken" wait_for "that" log_has 'the old one stays in use' 2
sed 's/small/tiny/' "$WORK/good" >"$CONF"
kill -HUP "$DAEMON"
ok "a good one waits" wait_for "that" log_has 'good, will take it when the share is back' 1
ok "status says for what" is_refused 'is taken when the share is back'
ok "it is not begun on a share that is away" log_has 'taking the configuration anew' "$taken"
mv "$SHARE.elsewhere" "$SHARE"
ok "it is taken when the share is back" wait_for "that" log_has 'taking the configuration anew' $((taken + 1))
drop "$WORK/sources/photo-002.jpg" tiny
ok "its recipe is known" wait_for "its result" is_in tiny/photo-002.jpg DONE 1
ok "status has nothing to say of it" wait_for "that" eval '! is_refused "share is back" && daemon_answers'

# What could not be started is not begun, however well it is written.
cp "$CONF" "$WORK/good"
echo 'engine = { ranks = 2; mpirun = "/nowhere/mpirun"; };' >>"$CONF"
kill -HUP "$DAEMON"
ok "jobs that could not be started: the old one stays" wait_for "that" is_refused "mpirun: '/nowhere/mpirun' is not there"
ok "and runs" kill -0 "$DAEMON"
cp "$WORK/good" "$CONF"
kill -HUP "$DAEMON"
ok "until it is mended" wait_for "that" eval '! is_refused nowhere && daemon_answers'
ok "by the same process" kill -0 "$DAEMON"
ok "the daemon stops when told" stop_daemon
ok "and says so" told '^STOPPING=1' 1
echo 'recepies = { };' >>"$CONF"
"$DROPMILL" --share "$SHARE" --config "$CONF" status >"$WORK/said" 2>&1
is "without a daemon a mistake is an error: exit 78" $? 78
cp "$WORK/good" "$CONF"

# ---- files of recipes

mkdir "$WORK/recipes.d"
export CONFIGURATION_DIRECTORY=$WORK
"${DAEMON_AS[@]}" "$DROPMILLD" --share "$SHARE" >>"$WORK/log" 2>&1 &
DAEMON=$!
ok "the configuration's directory is read" wait_for "the daemon" daemon_answers
drop "$WORK/sources/photo-003.jpg" own
ok "a folder of an unknown name is left alone" wait_for "a note" test -e "$SHARE/inbox/own/READ ME - folder name not understood.txt"
echo 'own = "resize-90";' >"$WORK/recipes.d/own.conf"
kill -HUP "$DAEMON"
ok "a new file of recipes is taken" wait_for "its result" is_in own/photo-003.jpg DONE 1
ok "the daemon stops when told" stop_daemon
done_testing
