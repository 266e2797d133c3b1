#!/bin/bash
# SPDX-License-Identifier: MIT
# Configuration: every mistake at once with its line, exit 78; a second daemon is refused; no share is said so.
. "$(dirname "$0")/lib.sh"

new_share
cat >"$WORK/wrong.conf" <<'CONF'
log_level = "loud";
inbox = { setle_closed = "1s"; settle_unseen = "3 parsecs"; };
engine = { ranks = "two"; };
CONF
"$DROPMILLD" --share "$SHARE" --config "$WORK/wrong.conf" 2>"$WORK/errors"
is "exit 78" $? 78
for line in 1 2 3; do
    ok "line $line is named" grep -q "wrong.conf:$line:" "$WORK/errors"
done
ok "did you mean" grep -q 'settle_closed' "$WORK/errors"
is "four mistakes, four lines" "$(grep -c 'wrong.conf:' "$WORK/errors")" 4
"$DROPMILLD" --share "$WORK" 2>"$WORK/errors"
is "no share: exit 78" $? 78
ok "setup is named" grep -q 'dropmill setup' "$WORK/errors"
printf 'recipes = { gray = "invert"; };\n' >>"$CONF"
"$DROPMILLD" --share "$SHARE" --config "$CONF" --check-config 2>"$WORK/errors"
is "a recipe that shadows an operation: exit 78" $? 78
sed -i '$d' "$CONF"
ok "the shipped file is good" "$DROPMILLD" --config "$ROOT/conf/dropmill.conf" --check-config
start_daemon
"$DROPMILLD" --share "$SHARE" --config "$CONF" 2>"$WORK/errors"
is "a second daemon: exit 75" $? 75
ok "says why" grep -q 'another dropmilld' "$WORK/errors"
ok "the daemon stops when told" stop_daemon
done_testing
