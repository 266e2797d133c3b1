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
cat >"$WORK/more.conf" <<'CONF'
log_level = "mesage";
recipes = {
  gray = "invert";
  web = "rezise-1600";
};
watermarks: { gone = "/nowhere.png"; };
share = "/nowhere";
engine: { mpirun = "/nowhere/mpirun"; ranks = 2; };
CONF
"$DROPMILLD" --check-config --config "$WORK/more.conf" 2>"$WORK/errors"
is "checked: exit 78" $? 78
for line in 1 3 4 6; do
    ok "line $line is named beside all others" grep -q "error: $WORK/more.conf:$line: " "$WORK/errors"
done
ok "a value's near one" grep -q "did you mean 'message'?" "$WORK/errors"
ok "a recipe's near one" grep -q "did you mean 'resize-1600'?" "$WORK/errors"
ok "no share is a warning" grep -q "warning: share '/nowhere'" "$WORK/errors"
ok "no mpirun is a warning" grep -q "warning: mpirun: '/nowhere/mpirun'" "$WORK/errors"
echo 'engine: { idle = 5s; };' >"$WORK/quotes.conf"
ok "what stands in quotes is said" grep -q 'quotes.conf:1: .*in quotes' <("$DROPMILLD" --check-config --config "$WORK/quotes.conf" 2>&1)
ok "the shipped file is good" "$DROPMILLD" --config "$ROOT/conf/dropmill.conf" --check-config
start_daemon
"$DROPMILLD" --share "$SHARE" --config "$CONF" 2>"$WORK/errors"
is "a second daemon: exit 75" $? 75
ok "says why" grep -q 'another dropmilld' "$WORK/errors"
ok "the daemon stops when told" stop_daemon
done_testing
