#!/bin/bash
# SPDX-License-Identifier: MIT
# `dropmill status` says first what is wrong and what mends it, then what is going on and how long it will take; a second daemon
# is told who watches; a copy of a share is named as one.
. "$(dirname "$0")/lib.sh"

need_users
service_runs
make_photos 1 640 480 jpg
photo=$WORK/sources/photo-000.jpg
new_share
echo 'inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; }; outbox = { retry = "1s"; };' >>"$CONF"
status() {
    as_service "$DROPMILL" --share "$SHARE" --config "$CONF" status "$@"
}
says() { # WORDS, in the first lines, above the table of states
    status | sed '/^FILES/,$d' | grep -q "$1"
}
ok "no daemon: that is wrong first" test "$(status | sed -n 2p)" = "wrong    no dropmilld watches this share"
ok "and what mends it" grep -q "to mend: dropmilld --share '$SHARE'" <(status)
start_daemon
is "all is well: nothing is wrong" "$(status | grep -c '^wrong')" 0
as_service "$DROPMILLD" --share "$SHARE" --config "$CONF" 2>"$WORK/errors"
is "a second daemon: exit 75" $? 75
ok "is told who watches, and since when" grep -q "already does: process [0-9]* of the user [a-z0-9]* on the host .*, since 20" "$WORK/errors"

# ---- what mends it

mkdir "$SHARE/outbox/gray" && chmod 0555 "$SHARE/outbox/gray"
drop "$photo" gray a.jpg
ok "a result that cannot be put there is held up" wait_for "it" is_in gray/a.jpg PARKED
ok "status says why" says "^wrong .*outbox/gray cannot be written: Permission denied"
mend=$(status | sed -n "s/^ *to mend: \(ch[a-z]* .*'$(printf %s "$SHARE" | sed 's|/|\\/|g')\/outbox\/gray'\).*/\1/p")
ok "and with which command it goes" test -n "$mend"
echo "# $mend"
eval "$mend"
ok "which does mend it" wait_for "it" is_in gray/a.jpg DONE
ok "and then nothing is wrong" wait_for "that" eval '! says "^wrong"'

# ---- now

mkdir "$WORK/many"
for i in $(seq 30); do cp "$photo" "$WORK/many/$i.jpg"; done
drop_folder "$WORK/many" enlarge-1600_bilateral-15
ok "while there is work: done, of how many, rate, time left" wait_for "that" says '^now  *[0-9]* of 30, [0-9.]*/s, [0-9]* [a-z]* left$'
ok "by folder" says '^ *enlarge-1600_bilateral-15: [0-9]* of 30'
ok "one process on one machine is no job" eval "! grep -qE '(job|rank)' <(status)"
ok "not in the log, either" eval "! grep -qE '\b(job|rank)s?\b [0-9]' '$WORK/log'"

# ---- a copy

mkdir "$WORK/copy"
cp -a "$SHARE/.dropmill" "$WORK/copy/"
ok "a copy is named" grep -q "^wrong .*this is a copy of the share '$SHARE'" <(as_service "$DROPMILL" --share "$WORK/copy" --config "$CONF" status)
ok "the daemon stops when told" stop_daemon
done_testing
