#!/bin/bash
# SPDX-License-Identifier: MIT
# The page and those who mean it ill: requests that others read otherwise, names that climb, bodies that lie, clients
# that send or read nothing, pages of other sites, people without rights. And the page without the daemon, the daemon
# without the page. Each check is one of page_http.py.
sh "$(dirname "$0")/../../packaging/deps.sh" page 2>/dev/null
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/page.sh"

checks() { # NAME...: its tests count as ours
    PAGE_ADDRESS=$PAGE_ADDRESS PAGE_SOCKET=$PAGE_SOCKET PAGE_PID=$PAGE SHARE=$SHARE \
        SPARE_KB=$((32 * 1024 * SANITIZED)) tap_of "$E2E/page_http.py" "$@"
}

token() { # NAME ROLE SECRET
    printf '%s:%s:%s\n' "$1" "$2" "$(printf %s "$3" | sha256sum | cut -d ' ' -f 1)"
}

new_share
start_daemon
start_page 'hosts = [ "named.example" ]; min_free = "0";'
checks requests smuggled host_is_named other_sites headers
checks names collide lies too_large strange_bodies
checks one_address no_readers many_streams slow stopped
ok "little memory is held afterwards" test "$(page_rss)" -lt $((32 * 1024 * SANITIZED))

# The daemon does not notice that the page is gone.
make_photos 1 120 80 jpg
kill -9 "$PAGE"
wait "$PAGE" 2>/dev/null || : 
drop "$WORK/sources/photo-000.jpg" invert after.jpg
ok "the page is killed: the daemon goes on" wait_for "it" is_in invert/after.jpg DONE
is "and says nothing of it" "$(grep -ci 'dropmill-page' "$WORK/log")" 0

# Another page, or a mistake in the settings, takes nothing away from the one that is there.
start_page 'min_free = "0";'
"$PAGE_PROGRAM" --share "$SHARE" --config "$PAGE_CONF" --listen 127.0.0.1:8643 2>"$WORK/second"
is "a second page is refused" $? 75
ok "and says why" grep -q "another dropmill-page listens at '$PAGE_SOCKET'" "$WORK/second"
is "the first is still at its socket" "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$PAGE_SOCKET" http://localhost/healthz)" 200
ok "the page stops when told" stop_page
ok "and takes its socket away" test ! -e "$PAGE_SOCKET"
echo precious >"$PAGE_SOCKET"
"$PAGE_PROGRAM" --share "$SHARE" --config "$PAGE_CONF" 2>"$WORK/second"
is "a file that is no socket: 78" $? 78
is "and it stays" "$(cat "$PAGE_SOCKET")" precious
rm "$PAGE_SOCKET"
/usr/bin/python3 - "$PAGE_PROGRAM" "$SHARE" "$PAGE_CONF" 2>"$WORK/passed" <<'PY'
import os, socket, sys
passed = socket.create_server(("0.0.0.0", 8643))
os.dup2(passed.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[1], [sys.argv[1], "--share", sys.argv[2], "--config", sys.argv[3]])
PY
is "a passed socket that others reach, and nobody is asked: 78" $? 78
ok "and says why" grep -q 'socket 1 of the service manager can be reached by others' "$WORK/passed"
/usr/bin/python3 -B "$ROOT/tests/lib/handed_over.py" 8643 healthz "$PAGE_PROGRAM" --share "$SHARE" --config "$PAGE_CONF" \
    --listen 127.0.0.1:8642 >"$WORK/handed" 2>"$WORK/handed.log"
is "a passed socket is served, and the service manager told" "$(grep -E '^(answer|READY|STOPPING|ended)' "$WORK/handed" | xargs)" \
    "answer 200 READY=1 STOPPING=1 ended 0"
ok "what it does, too" grep -qx "STATUS=$SHARE: [01] connections\?" "$WORK/handed"
ok "it is there alone" grep -q "the page is at 127.0.0.1:8643, which the service manager has opened" "$WORK/handed.log"
is "and says that what was chosen counts for nothing" "$(grep -c "page.\(listen\|socket\): nobody listens at" "$WORK/handed.log")" 2
ok "its own socket was not made" test ! -e "$PAGE_SOCKET"

# Who may what.
{
    token looks viewer look
    token sends sender send
    token boss admin all
} >"$WORK/tokens"
chmod 600 "$WORK/tokens"
start_page "auth = \"token\"; token_file = \"$WORK/tokens\"; min_free = \"0\";"
checks tokens cookie
ok "the page stops when told" stop_page
start_page 'auth = "proxy"; admins = [ "boss" ]; min_free = "0";'
checks proxy
ok "the page stops when told" stop_page

start_page 'min_free = "900TB";'
checks full
ok "the page stops when told" stop_page

# The page without the daemon says so, and takes what is sent.
start_page 'min_free = "0";'
ok "the daemon stops when told" stop_daemon
checks without_daemon
start_daemon
ok "the daemon is back: the page says so" wait_for "it" sh -c "[ \"\$(curl -s -o /dev/null -w '%{http_code}' http://$PAGE_ADDRESS/readyz)\" = 200 ]"
ok "what came meanwhile is looked at" wait_for "it" is_in gray/Hostile/alone.txt FAILED
ok "the page stops when told" stop_page
ok "the sanitizer has found nothing" sh -c "! grep -E 'ERROR: |runtime error' '$WORK/page.log'"
stop_daemon
done_testing
