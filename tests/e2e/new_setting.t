#!/bin/bash
# SPDX-License-Identifier: MIT
# A setting is one row, one member in the settings of the room that obeys it, one line in the shipped file and its
# paragraph in the manual. Made in a copy of the tree, it is read, printed, checked; what was forgotten is told.
. "$(dirname "$0")/lib.sh"
new_tree conf

# ---- where a setting is added

after() { # FILE LINE TEXT: put TEXT behind the first line of FILE that holds LINE
    LINE=$2 TEXT=$3 awk '{ print } !found && index($0, ENVIRON["LINE"]) { print ENVIRON["TEXT"]; found = 1 }
        END { exit !found }' "$tree/$1" >"$WORK/edited" && cp "$WORK/edited" "$tree/$1"
}
ok "a row" after watcher/config_keys.c 'AT(outbox.retry_us)' \
    '    {"outbox.patience", DM_KEY_DURATION, Q("7s"), "How long a test waits.", AT(outbox.patience_us), SECOND, HOUR},'
ok "a member" after watcher/outbox/settings.h 'int64_t retry_us;' '    int64_t patience_us;'
the_line() {
    after conf/dropmill.conf '    retry = "30s";' $'\n    # How long a test waits.\n    patience = "7s";'
}
the_paragraph() {
    after packaging/man/dropmill.conf.5 'How long to wait before a result that could not be stored' \
        $'.It Ic outbox.patience = \\(dq7s\\(dq\nHow long a test waits.'
}

# ---- what comes of it

ok "it builds" make_it dropmilld tests/unit/watcher/test_config_documents
read_as() { # TEXT: what the daemon makes of a file with this text
    printf '%s\n' "$1" >"$WORK/a.conf"
    "$new/dropmilld" --config "$WORK/a.conf" --print-config 2>"$WORK/errors" | sed "s/ # .*//" | grep patience | xargs
}
is "it has its default" "$(read_as '')" 'patience = 7s;'
is "it is read and printed" "$(read_as 'outbox: { patience = "120s"; };')" 'patience = 2min;'
is "its ends are within" "$(read_as 'outbox: { patience = "1s"; };')" 'patience = 1s;'
refused() { # VALUE WHY
    "$new/dropmilld" --config <(echo "outbox: { patience = $1; };") --check-config 2>"$WORK/errors"
    is "$1: exit 78" $? 78
    ok "$1: $2" grep -q "outbox.patience.*$2" "$WORK/errors"
}
refused '"999ms"' "expected 1s to 1h"
refused '"2h"' "expected 1s to 1h"
refused '"soon"' "expected a number with"
refused 7 "expected a duration"
"$new/dropmilld" --config <(echo 'outbox: { patiense = "7s"; };') --check-config 2>"$WORK/errors"
ok "did you mean" grep -q "outbox.patience" "$WORK/errors"

# ---- what the tests of the configuration say while something is missing

tested() { # TEST
    (cd "$tree" && "$new/tests/unit/watcher/test_config_documents" -p "/config-documents/$1") >"$WORK/told" 2>&1
}
missing() { # TEST: it fails, and names the setting
    ! tested "$1" && grep -q patience "$WORK/told"
}
ok "the shipped file lacks it" missing sample_file
ok "a line" the_line
ok "the shipped file has it" tested sample_file
ok "the manual lacks it" missing man_page
ok "a paragraph" the_paragraph
ok "the manual has it" tested man_page
done_testing
