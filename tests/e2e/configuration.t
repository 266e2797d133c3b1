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
ok "no share is a warning" grep -q "warning: $WORK/more.conf:7: share '/nowhere'" "$WORK/errors"
ok "no mpirun is a warning" grep -q "warning: mpirun: '/nowhere/mpirun'" "$WORK/errors"
echo 'engine: { idle = 5s; };' >"$WORK/quotes.conf"
ok "what stands in quotes is said" grep -q 'quotes.conf:1: .*in quotes' <("$DROPMILLD" --check-config --config "$WORK/quotes.conf" 2>&1)
ok "the shipped file is good" "$DROPMILLD" --config "$ROOT/conf/dropmill.conf" --check-config

# ---- a directory of files

etc=$WORK/etc
mkdir -p "$etc/conf.d" "$etc/recipes.d"
dropmilld() { CONFIGURATION_DIRECTORY=$etc "$DROPMILLD" "$@"; }
dropmill() { CONFIGURATION_DIRECTORY=$etc "$DROPMILL" "$@"; }
printf 'state_dir = "%s";\nruntime_dir = "%s";\n' "$WORK/state" "$WORK/run" >"$etc/dropmill.conf"
echo "share = \"$SHARE\";" >"$etc/conf.d/10-share.conf"
printf '# ours\nsmall = "resize-100";\nweb-large = "resize-50";\n' >"$etc/recipes.d/10-ours.conf"
echo 'small = "resize-200";' >"$etc/recipes.d/20-more.conf"
ok "all of it is good" dropmilld --check-config
ok "the recipe of the last file" grep -q 'resize-200' <(dropmill explain small)
ok "beside the others" grep -q 'resize-50' <(dropmill explain web-large)
is_printed() { # WHAT LINE: it is among what --print-config says
    ok "$1" grep -qxF "$2" "$WORK/printed"
}
DROPMILL_LOG_LEVEL=debug dropmilld --print-config >"$WORK/printed"
is_printed "of a file in conf.d" "share = \"$SHARE\"; # $etc/conf.d/10-share.conf:1"
is_printed "of a file in recipes.d" "    small = \"resize-200\"; # $etc/recipes.d/20-more.conf:1"
is_printed "of a variable" 'log_level = "debug"; # DROPMILL_LOG_LEVEL'
is_printed "of nobody" 'status_page = true; # default'
is "it is read back as the same" "$("$DROPMILLD" --config "$WORK/printed" --print-config | sed 's/ # .*//')" "$(sed 's/ # .*//' "$WORK/printed")"
DROPMILL_SHARE=/nowhere dropmilld --share "$SHARE" --print-config >"$WORK/printed"
is_printed "of an option, over a variable" "share = \"$SHARE\"; # --share"

blames() { # WHAT WHO COMMAND...: who named the share that is none is told
    ok "$1" grep -q "$2: share '/nowhere'" <("${@:3}" 2>&1)
}
echo 'share = "/nowhere";' >"$etc/conf.d/10-share.conf"
blames "a wrong share of a file" "$etc/conf.d/10-share.conf:1" dropmill status
blames "the daemon says so, too" "$etc/conf.d/10-share.conf:1" dropmilld
export DROPMILL_SHARE=/nowhere
blames "a wrong share of a variable" "dropmill: DROPMILL_SHARE" dropmill status
DROPMILL_SHARE=nowhere dropmilld 2>"$WORK/errors"
is "a variable with a mistake: exit 78" $? 78
ok "it is named" grep -q "DROPMILL_SHARE: share: 'nowhere' is not an absolute path" "$WORK/errors"
export DROPMILL_SHARE=$SHARE
ok "a variable says where the share is" grep -q "DROPMILL_SHARE" <(dropmilld --print-config)
unset DROPMILL_SHARE
for program in dropmilld "dropmilld --check-config" "dropmill ls" "$BUILD/dropmill-page"; do
    ok "$program: a variable that is none is told" grep -q "DROPMILL_SHAER is ignored.*did you mean 'DROPMILL_SHARE'" \
        <(DROPMILL_SHAER=/x $program --config /dev/null --share /nowhere 2>&1)
done

cat >"$etc/recipes.d/30-wrong.conf" <<'CONF'
log_level = "debug";
thumb = 5;
web = "rezise-1600";
CONF
dropmilld --check-config 2>"$WORK/errors"
is "what is no recipe in recipes.d: exit 78" $? 78
for line in 1 2 3; do
    ok "line $line is named" grep -q "error: $etc/recipes.d/30-wrong.conf:$line: " "$WORK/errors"
done

start_daemon
"$DROPMILLD" --share "$SHARE" --config "$CONF" 2>"$WORK/errors"
is "a second daemon: exit 75" $? 75
ok "says why" grep -q 'another dropmilld' "$WORK/errors"
ok "the daemon stops when told" stop_daemon
done_testing
