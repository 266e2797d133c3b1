#!/bin/bash
# SPDX-License-Identifier: MIT
# What people read: setup's last words work as printed, notes say what was understood and what to type, a folder of somebody's
# own is told where to move, SIGHUP and an unknown path are answered, the page of names lies in the inbox and is no picture.
. "$(dirname "$0")/lib.sh"

service_runs
make_photos 1 400 200 jpg
photo=$WORK/sources/photo-000.jpg
new_share
printf 'inbox = { rename_grace = "200ms"; };\n' >>"$CONF"
as_service "$DROPMILL" --config "$CONF" setup "$SHARE" >"$WORK/words"
program=$(sed -n 's/^1\. Watch it: *\([^ ]*\) --share.*/\1/p' "$WORK/words")
ok "setup names a program that there is" sh -c "'$program' --version | grep -q dropmilld"
ok "the page lies in the share" test -s "$SHARE/_How to name folders.html"
ok "and in the inbox" cmp -s "$SHARE/_How to name folders.html" "$SHARE/inbox/_How to name folders.html"
ok "it says how long originals are kept" grep -q 'kept in <code>originals</code> for 14 days' "$SHARE/_How to name folders.html"
as_mate mkdir "$SHARE/inbox/Smith Wedding 2024" "$SHARE/inbox/resize 100 Anna" "$SHARE/inbox/rezise 100" "$SHARE/inbox/grau"
drop "$photo" "100 px, black & white" a.jpg
drop "$photo" "resize-1600" b.jpg
printf 'x' >"$WORK/a.xmp"
drop "$WORK/a.xmp" "resize-1600" b.xmp
printf '\0\0\0\030ftypmp42xxxxxxxxxxxx' >"$WORK/a.mov"
drop "$WORK/a.mov" "resize-1600" film.mov
start_daemon
note() { printf '%s' "$SHARE/inbox/$1/READ ME - folder name not understood.txt"; }
ok "what is read freely is done" wait_for "it" is_in "100 px, black & white/a.jpg" DONE
is "as it is meant" "$(size_of "$SHARE/outbox/100 px, black & white/a.jpg")" 100x50
ok "a small picture" wait_for "it" is_in resize-1600/b.jpg DONE
is "stays as large" "$(size_of "$SHARE/outbox/resize-1600/b.jpg")" 400x200
ok "a video fails" wait_for "it" is_in resize-1600/film.mov FAILED
ok "and its note says what it is" grep -q 'This is an MP4 or QuickTime video' "$SHARE/failed/resize-1600/film.mov.txt"
ok "not to try it again" sh -c "! grep -q 'try it again' '$SHARE/failed/resize-1600/film.mov.txt'"
ok "a sidecar is left alone" test -s "$SHARE/inbox/resize-1600/b.xmp"
for folder in "Smith Wedding 2024" "resize 100 Anna" "rezise 100" grau; do
    ok "'$folder' gets a note" wait_for "the note" test -s "$(note "$folder")"
done
ok "somebody's own folder: where to" grep -qx '    inbox/resize-1600/Smith Wedding 2024' "$(note "Smith Wedding 2024")"
ok "and no name to take" sh -c "! grep -q 'Rename this folder to:' '$(note "Smith Wedding 2024")'"
ok "a word too many is named" grep -q "'anna' is not understood, 'resize-100' is" "$(note "resize 100 Anna")"
ok "and is no reason to rename" sh -c "! grep -q 'Rename this folder to:' '$(note "resize 100 Anna")'"
ok "a misspelling is mended" grep -qx 'Rename this folder to: resize-100' "$(note "rezise 100")"
ok "another language is understood" grep -qx 'Rename this folder to: gray' "$(note grau)"
ok "each names the page" test "$(cat "$SHARE"/inbox/*/READ* | grep -c '_How to name folders.html')" = 4
ok "the page is no loose file" sh -c "! grep -q 'files lie loose' '$WORK/log'"
ok "the log has times" grep -q '^[0-9-]* [0-9:]* dropmilld: watching' "$WORK/log"
ok "and tells what differs from the defaults" grep -q 'differ from the defaults: .*inbox.rename_grace = "200ms"' "$WORK/log"
kill -HUP "$DAEMON"
ok "SIGHUP is answered" wait_for "that" grep -q "taking the configuration anew" "$WORK/log"
has_begun_twice() { [ "$(grep -c 'dropmilld: watching' "$WORK/log")" = 2 ]; }
ok "and it begins anew" wait_for "that" has_begun_twice
for command in ls history; do
    ok "$command nosuch says so" grep -q "nothing is known of 'nosuch'" <(as_service "$DROPMILL" --share "$SHARE" --config "$CONF" $command nosuch 2>&1)
done
ok "the daemon stops when told" stop_daemon
done_testing
