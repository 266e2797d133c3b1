#!/bin/bash
# SPDX-License-Identifier: MIT
# dropmill watch: a line a drop whenever it says something else; a drop alone, until it is done; a terminal.
. "$(dirname "$0")/lib.sh"

service_runs
make_photos 1 64 64 png
new_share
watch() {
    as_mate "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}
watch watch >/dev/null 2>"$WORK/errors"
is "before anything was there" $? 66
start_daemon
as_mate "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet pause
watch watch >"$WORK/all" &
watch watch 'gray/no such' >/dev/null 2>&1
is "a drop of which nothing is known" $? 66
mkdir "$WORK/holiday"
for i in 1 2 3; do
    cp "$WORK/sources/photo-000.png" "$WORK/holiday/$i.png"
done
echo nothing >"$WORK/holiday/bad.png"
as_mate mkdir -p "$SHARE/inbox/gray"
drop_folder "$WORK/holiday" "gray/Holiday 2024"
drop "$WORK/sources/photo-000.png" gray loose.png
says() { # FILE LINE
    grep -qx "$2" "$1"
}
ok "a drop that waits" wait_for "its line" says "$WORK/all" 'gray/Holiday 2024: 0 of 4 done, 4 waiting'
ok "what is loose is another" wait_for "its line" says "$WORK/all" 'gray: 0 of 1 done, 1 waiting'
watch watch 'gray/Holiday 2024' >"$WORK/one" &
one=$!
watch --json watch gray >"$WORK/json" &
json=$!
watch_on_terminal() {
    script -qec "$DROPMILL --share $SHARE --config $CONF watch 'gray/Holiday 2024'" /dev/null </dev/null >"$WORK/terminal"
}
watch_on_terminal &
terminal=$!
ok "each has begun" wait_for "their lines" test -s "$WORK/one" -a -s "$WORK/json" -a -s "$WORK/terminal"
as_mate "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet resume
wait $one
is "one ends when it is done, and says that some failed" $? 65
is "its last line" "$(tail -n 1 "$WORK/one")" "gray/Holiday 2024: 3 of 4 done, 1 failed"
is "of that drop alone" "$(grep -vc '^gray/Holiday 2024: ' "$WORK/one")" 0
wait $json
is "another has not failed" $? 0
ok "in JSON" /usr/bin/python3 -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert lines[0]["drop"] == "gray" and lines[0]["ready"] == 1 and not lines[0]["over"], lines[0]
assert lines[-1]["done"] == 1 and lines[-1]["over"], lines[-1]
' "$WORK/json"
wait $terminal
ok "a terminal has one line, drawn again" grep -q $'\033\\[1A.*3 of 4 done, 1 failed' <(tr -d '\n\r' <"$WORK/terminal")
ok "all go on" wait_for "its line" says "$WORK/all" 'gray/Holiday 2024: 3 of 4 done, 1 failed'
ok "the daemon stops when told" stop_daemon
done_testing
