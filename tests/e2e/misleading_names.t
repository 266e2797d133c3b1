#!/bin/bash
# SPDX-License-Identifier: MIT
# A mate gives folders and files names that turn the writing around, bring lines of their own or speak to a
# terminal: they are done, and no text that people read holds such a character as it is.
. "$(dirname "$0")/lib.sh"

service_runs
turned=$'\u202egpj.\u2066exe\u2028\u2029' # read backwards, with lines of its own
terminal=$'\xc2\x9b31m\e[31m\x7f'         # colours, one way and the other
name="a$turned$terminal"

# Whether a text is free of them; a newline is the text's own.
harmless() {
    ! LC_ALL=C grep -qP '\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c|\xc2[\x80-\x9f]|[\x00-\x09\x0b-\x1f\x7f]'
}
ask() {
    as_service "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}

ok "they would be seen" test "$(harmless <<<"$turned" || echo seen)$(harmless <<<$'\xc2\x9b' || echo seen)" = seenseen
make_photos 1 60 40 png
new_share
echo 'inbox = { rename_grace = "100ms"; };' >>"$CONF"
start_daemon
drop "$WORK/sources/photo-000.png" "gray ($turned)" "$name.png"
echo "no picture" >"$WORK/none"
drop "$WORK/none" "gray ($turned)" "broken $name.png"
drop "$WORK/sources/photo-000.png" "gary $name"
ok "one is done, one has failed" wait_ends 1 1
note_is_there() {
    compgen -G "$SHARE/inbox/gary*/READ ME*" >/dev/null
}
ok "the misspelt folder has a note" wait_for "it" note_is_there
for command in status "status --json" ls "ls --failed" "ls --json" history "history --json"; do
    # shellcheck disable=SC2086 # words
    ask $command >"$WORK/said" 2>&1
    ok "$command" harmless <"$WORK/said"
done
ok "explain" harmless < <(ask explain "gary $name" 2>&1)
ok "the log" harmless <"$WORK/log"
ok "the note of the folder" harmless < <(cat "$SHARE/inbox/gary"*/"READ ME"*)
ok "the note of the file" harmless < <(find "$SHARE/failed" -name '*.txt' -exec cat {} +)
ok "the daemon stops when told" stop_daemon
done_testing
