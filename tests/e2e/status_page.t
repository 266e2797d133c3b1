#!/bin/bash
# SPDX-License-Identifier: MIT
# _Status.html, for people who have nothing but a file manager: it is there, tells what changes, says when the daemon was
# stopped, and, where a browser is installed, that it is old. What is somebody's own stays.
. "$(dirname "$0")/lib.sh"

new_share
PAGE=$SHARE/_Status.html
TWIN=$SHARE/.dropmill/status.html
number_of() { # FILE: of its writing
    sed -nE 's/.*http-equiv="refresh".*[?]([0-9]+)#w\1".*/\1/p' "$1"
}
says() { # TEXT: the page does
    grep -qF -- "$1" "$PAGE" 2>/dev/null
}

# ---- there, and true

start_daemon
wait_for "the page" says '<h1>Ready'
ok "it and its twin are of one writing" test "$(number_of "$PAGE")" = "$(number_of "$TWIN")"
ok "it opens its twin" grep -q "url=.dropmill/status.html[?]$(number_of "$PAGE")#w" "$PAGE"
ok "which opens it" grep -q "url=../_Status.html[?]$(number_of "$PAGE")#w" "$TWIN"
ok "no script" test "$(grep -ci '<script' "$PAGE")" = 0
is "for the people of the inbox" "$(stat -c '%g %A' "$PAGE" "$TWIN" | cut -c -9 | uniq)" "$(stat -c %g "$SHARE/inbox") -rw-rw-"

first=$(number_of "$PAGE")
make_photos 1 64 64 png
drop "$WORK/sources/photo-000.png" gray
mkdir -p "$SHARE/inbox/<i>rotat-90"
echo "no picture" >"$WORK/a<b>.jpg"
drop "$WORK/a<b>.jpg" gray
is_told() {
    says '<b>1</b><span>done today' && says '<b>2</b><span>problems'
}
wait_for "one done, two problems" is_told
ok "what changes is told" is_told
ok "under another number" test "$(number_of "$PAGE")" -gt "$first"
ok "a folder's name is text" says '<code>&lt;i&gt;rotat-90</code> is not understood'
ok "with the name that was meant" says 'Rename it to <code>rotate-90</code>'
ok "a file's, too" says '<b>a&lt;b&gt;.jpg</b>, in gray'
ok "and nothing else is" test "$(grep -c '<i>rotat\|a<b>' "$PAGE")" = 0
ok "with what can be done" says 'does not look like a picture'
ok "the inbox takes neither" test "$(sql 'SELECT count(*) FROM files')" = 2

"$DROPMILL" --share "$SHARE" --config "$CONF" pause >/dev/null
wait_for "paused" says '<h1>Paused'
ok "a pause is told" says '<title>dropmill: Paused'
"$DROPMILL" --share "$SHARE" --config "$CONF" resume >/dev/null
wait_for "ready" says '<h1>Ready'

# ---- by the clock, where nothing happens

counter() { # NAME
    "$DROPMILL" --share "$SHARE" --config "$CONF" --json status | sed -nE "s/^ *\"$1\": ([0-9]+),?\$/\1/p"
}
is_later() { [ "$(number_of "$PAGE")" -gt "$last" ]; }
last=$(number_of "$PAGE")
wait_for "what has changed to be told" is_later
last=$(number_of "$PAGE")
turns=$(counter turns) trips=$(counter io_trips) statements=$(counter statements)
wait_for "a writing in which nothing is new" is_later
age=$((($(number_of "$PAGE") - last) / 1000))
ok "after $age s: 10 to 20" test "$age" -ge 9 -a "$age" -le 21
echo "# $(($(counter turns) - turns)) turns, $(($(counter io_trips) - trips)) trips, $(($(counter statements) - statements)) statements"
ok "in few turns" test $(($(counter turns) - turns)) -le 12
ok "a trip to the share, and those of others" test $(($(counter io_trips) - trips)) -le 8
ok "and a few statements" test $(($(counter statements) - statements)) -le 60

# ---- nobody writes it any more

ok "the daemon stops when told" stop_daemon
ok "the page says so" says '<h1>Stopped</h1>'
ok "and its twin" grep -q '<h1>Stopped</h1>' "$TWIN"
ok "neither says that it is old" test "$(cat "$PAGE" "$TWIN" | grep -c 'id="w')" = 0

start_daemon
wait_for "the page" says '<h1>Ready'
kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null
DAEMON=
killed=$(number_of "$PAGE")
ok "killed, it tells its number's readers that it is old" grep -q "id=\"w$killed\"" "$PAGE"
ok "and so does the twin" grep -q "id=\"w$killed\"" "$TWIN"

chromium=$(command -v chromium || :)
shown() { # FILE FRAGMENT: the page as a browser shows it
    timeout 60 "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$WORK/browser" \
        --window-size=900,1600 --screenshot="$1" "$2" >/dev/null 2>&1
}
amber() { # FILE: so many pixels of the box's ground
    /usr/bin/python3 -B -c 'import sys
from PIL import Image
print(sum(n for n, c in Image.open(sys.argv[1]).convert("RGB").getcolors(1 << 24)
          if c in ((0xFA, 0xF0, 0xD9), (0x34, 0x2A, 0x15))))' "$1"
}
if [ -n "$chromium" ] && shown "$WORK/fresh.png" "file://$TWIN?1#w1"; then
    shown "$WORK/old.png" "file://$TWIN?$killed#w$killed"
    is "a browser that comes with another number sees no box" "$(amber "$WORK/fresh.png")" 0
    ok "one that comes with this number sees it" test "$(amber "$WORK/old.png")" -gt 5000
else
    skip 2 "no chromium that runs here"
fi

start_daemon
is_new() { [ "$(number_of "$PAGE")" -gt "$killed" ]; }
wait_for "another writing" is_new
ok "whoever starts again writes anew" is_new
ok "the daemon stops when told" stop_daemon

# ---- what is somebody's own

OWN="is somebody's own and is left alone"
own() { # FILE WHAT: it stays, and the daemon says so
    : >"$WORK/log"
    start_daemon
    wait_for "a line in the log" grep -q "$OWN" "$WORK/log"
    drop "$WORK/sources/photo-000.png" gray "$RANDOM.png"
    wait_for "work goes on" settled 3
    ok "$2: the daemon stops when told" stop_daemon
    ok "$2: told once" test "$(grep -c "$OWN" "$WORK/log")" = 1
}
echo mine >"$WORK/mine"
cp "$WORK/mine" "$PAGE"
own "$PAGE" "somebody's page"
ok "it stays" cmp -s "$WORK/mine" "$PAGE"
before=$(number_of "$TWIN")
ln -sf "$WORK/mine" "$PAGE"
own "$PAGE" "a link"
ok "it stays a link" test -L "$PAGE"
ok "and is not followed" grep -qx mine "$WORK/mine"
rm "$PAGE"
mkfifo "$PAGE"
own "$PAGE" "a pipe"
ok "it stays a pipe" test -p "$PAGE"
is "the twin is not written alone" "$(number_of "$TWIN")" "$before"
rm "$PAGE" "$TWIN"
mkdir "$TWIN"
own "$TWIN" "a directory"
ok "the page is not written alone" test ! -e "$PAGE"
rmdir "$TWIN"

# ---- who wants none

echo 'status_page = false;' >>"$CONF"
start_daemon
drop "$WORK/sources/photo-000.png" gray last.png
wait_for "it is done" is_in gray/last.png DONE
ok "the daemon stops when told" stop_daemon
ok "not wanted, it is not there" test ! -e "$PAGE" -a ! -e "$TWIN"
ok "nothing half written is left" no_temporaries
done_testing
