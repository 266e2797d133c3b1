#!/bin/bash
# SPDX-License-Identifier: MIT
# People are told: one notice a drop, by a program and by a webhook, each at least once whatever becomes of the daemon, and twice
# only under one id; a program that hangs, floods, fails or leaves something behind, and a webhook that does, hold nothing up.
. "$(dirname "$0")/lib.sh"

service_runs
make_photos 2 64 48 jpg
PHOTO=$WORK/sources/photo-000.jpg
echo "no picture" >"$WORK/bad.jpg"
HOOKS=$WORK/hooks # what the program has been told: ID.N
as_service mkdir "$HOOKS"

# The program does what $HOOKS/do says, a piece of shell; "told" keeps what it reads.
PROGRAM=$WORK/tell
as_service tee "$PROGRAM" >/dev/null <<PROGRAM
#!/bin/bash
told() {
    local new
    new=\$(mktemp "$HOOKS/new.XXXXXX")
    cat >"\$new"
    ln "\$new" "$HOOKS/\$(date +%s%N).\$kind.json" && rm "\$new"
}
kind=\$1
[ \$# = 1 ] || exit 9
. "$HOOKS/do"
PROGRAM
as_service chmod 755 "$PROGRAM"
does() { # SHELL: what the program does from now on
    echo "$1" >"$WORK/do"
    as_service cp "$WORK/do" "$HOOKS/do.new"
    as_service mv "$HOOKS/do.new" "$HOOKS/do"
}
told() { # [KIND]: the notices that the program was told, in their order
    find "$HOOKS" -name "*.${1:-*}.json" | sort
}
told_count() { # COUNT [KIND]
    [ "$(told "${2:-*}" | wc -l)" = "$1" ]
}
told_all() { # what they say
    told | xargs cat
}
last() { # MEMBER: of the newest
    json_member "$1" <"$(told | tail -n 1)"
}
forget_told() {
    find "$HOOKS" -name '*.json' -delete
}
logged() {
    grep -q -- "$1" "$WORK/log"
}
hooks_status() { # MEMBER
    "$DROPMILL" --share "$SHARE" --config "$CONF" --json status | json_member "daemon.hooks.$1"
}
hooks_are() { # MEMBER VALUE
    [ "$(hooks_status "$1")" = "$2" ]
}
QUICK='idle = "300ms"; timeout = "2s"; trouble_after = "300ms"; '
hooks() { # SETTINGS: in place of those before
    sed -i '/^hooks/d' "$CONF"
    echo "hooks = { $QUICK $1 };" >>"$CONF"
}
reload() {
    local before
    before=$(grep -c '^.*watching ' "$WORK/log")
    kill -HUP "$DAEMON"
    wait_for "the new configuration" eval "[ \$(grep -c '^.*watching ' '$WORK/log') -gt $before ]"
    wait_for "an answer" daemon_answers
}

new_share
echo 'inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
has_users && chown $SERVICE_UID "$CONF"
chmod 600 "$CONF" # it has secrets

# ---- who is told

hooks "exec = \"$WORK/nothing\";"
checked() {
    as_service "$DROPMILLD" --config "$CONF" --check-config >"$WORK/check" 2>&1
}
checked
is "a program that is not there: exit 78" $? 78
ok "with its line" grep -q "dropmill.conf:[0-9]*: hooks.exec: cannot run '$WORK/nothing': No such file" "$WORK/check"
hooks "exec = \"$PROGRAM\";"
ok "one that is there is good" checked
chmod g+w "$PROGRAM"
checked
is "one that its group may write: exit 78" $? 78
ok "and it says so" grep -q "may be written by others than its owner (mode 775), expected 755" "$WORK/check"
chmod 755 "$PROGRAM"
if has_users; then
    chown $STRANGER_UID "$PROGRAM"
    checked
    is "a stranger's: exit 78" $? 78
    ok "and it says so" grep -q "belongs to user $STRANGER_UID, expected root or" "$WORK/check"
    chown 0 "$PROGRAM"
    ok "root's is good" checked
    mkdir -m 777 "$WORK/open"
    cp "$PROGRAM" "$WORK/open/tell"
    hooks "exec = \"$WORK/open/tell\";"
    checked
    is "one in a directory that all may write: exit 78" $? 78
    ok "and it says so" grep -q "lies in '$WORK/open', where others may put another" "$WORK/check"
else
    skip 5 "playing three users needs root"
fi
hooks 'webhook = "ftp://example.org/secret-token";'
checked
is "another scheme: exit 78" $? 78
ok "without the secret" eval "grep -q 'hooks.webhook: the text is no address' '$WORK/check' && ! grep -q secret-token '$WORK/check'"
hooks 'webhook = "https://example.org/secret-token";'
as_service "$DROPMILLD" --config "$CONF" --print-config >"$WORK/printed"
ok "the webhook is a secret" eval "grep -q 'webhook = \"(secret)\"' '$WORK/printed' && ! grep -q secret-token '$WORK/printed'"

# ---- drops, by the program

does told
hooks "exec = \"$PROGRAM\"; done = true;"
start_daemon
mkdir -p "$WORK/people/day"
cp "$WORK"/sources/* "$WORK/people/day"
"${PERSON_AS[@]}" mkdir -p "$SHARE/inbox/gray"
drop_folder "$WORK/people/day" "gray/Day 1"
ok "a drop is told" wait_for "it" told_count 1
is "it is done" "$(last kind)" "done"
is "in a sentence" "$(last text)" "Day 1 (gray): 2 done"
is "with its name" "$(last drop.path)" "gray/Day 1"
is "and where the results are" "$(last results.path)" "$SHARE/outbox/gray/Day 1"
drop "$PHOTO" gray a.jpg
drop "$WORK/bad.jpg" gray "$(printf 'evil "\n\\\xff.jpg')"
ok "files loose in a folder are one, too" wait_for "it" told_count 2
is "it has failed" "$(last kind)" failed
is "in a sentence" "$(last text)" "gray: 1 failed, 1 done"
is "a hostile name comes out as it is" "$(python3 -c 'import json, sys
failure = json.load(open(sys.argv[1]))["failures"][0]
print(failure["reason"], repr(failure["path"]), repr(failure["path_escaped"]))' "$(told | tail -n 1)")" \
    "not-an-image 'gray/evil \"\\n\\\\�.jpg' 'gray/evil \"\\\\x0a\\\\x5c\\\\xff.jpg'"
drop "$PHOTO" gray b.jpg
ok "what comes later is told anew" wait_for "it" told_count 3
is "what is new alone" "$(last text)" "gray: 1 done"
is "each has an id of its own" "$(for notice in $(told); do json_member id <"$notice"; done | sort -u | wc -l)" 3
is "one line" "$(told_all | wc -l)" 3
ok "status counts" hooks_are delivered 3
told_all >"$WORK/told.json"
is "metrics, too" "$("$DROPMILL" --share "$SHARE" --config "$CONF" metrics | grep '^dropmill_hook_runs_total{result="delivered"}')" \
    'dropmill_hook_runs_total{result="delivered"} 3'

# ---- a program that misbehaves

forget_told
another=0
drop_one() { # a drop of its own, of one file
    another=$((another + 1))
    drop "$PHOTO" "gray/Drop $another"
}
gone() { # PIDFILE: the process whose number stands there
    [ -s "$1" ] && ! kill -0 "$(cat "$1")" 2>/dev/null
}
does 'cat >/dev/null; echo "no mail server"; echo more; exit 3'
drop_one
ok "a program that fails is tried again" wait_for "that" hooks_are retried 2
ok "its first line is told" logged "hooks.exec: a notice (done, gray/Drop 1) was not delivered: it ended with exit code 3: \"no mail server\", will retry in 2s"
ok "status tells it, too" grep -q "hooks: hooks.exec: a notice (done, gray/Drop 1) was not delivered: it ended with exit code 3" \
    <("$DROPMILL" --share "$SHARE" --config "$CONF" status)
does told
ok "until it goes" wait_for "it" told_count 1
ok "then nothing is wrong" wait_for "that" hooks_are problem ""
ok "which is said" logged "hooks.exec: notices are delivered again"

# It stops itself: whatever it has started has to end with it, too.
does "sleep 1000 & echo \$! >'$HOOKS/child'; echo \$\$ >'$HOOKS/self'; trap '' TERM; echo slow; sleep 1000"
drop_one
ok "one that hangs is killed" wait_for "that" logged "it has not ended in time and was killed: \"slow\""
ok "it is gone" gone "$HOOKS/self"
ok "and so is what it has started" gone "$HOOKS/child"
does told
ok "it is told then" wait_for "it" told_count 2

does "told; sleep 1000 & echo \$! >'$HOOKS/left'"
drop_one
ok "one that leaves something behind has told" wait_for "it" told_count 3
ok "at once" wait_for "that" hooks_are pending 0
ok "what it left is gone" gone "$HOOKS/left"
does 'yes; exit 0'
drop_one
ok "one that floods is killed" wait_for "that" logged "it has said over 1 MB and was killed: \"y\""
ok "the daemon answers all the time" daemon_answers
does told
ok "it is told then" wait_for "it" told_count 4
does "env | sort >'$HOOKS/env'; pwd >>'$HOOKS/env'; told"
HTTP_SECRET=1 reload
drop_one
ok "told" wait_for "it" told_count 5
is "it has few variables, and none of ours" "$(grep -vE '^(PATH|HOME|LANG|LC_[A-Z]*|TZ|USER|LOGNAME|[A-Z]*SAN_OPTIONS|PWD|OLDPWD|SHLVL|_|G_SLICE)=' "$HOOKS/env")" /
does told

# ---- a daemon that ends in between

forget_told
does 'sleep 1000'
drop_one
ok "a notice is on its way" wait_for "it" hooks_are pending 1
stop_daemon
does told
start_daemon
ok "after a restart it is told" wait_for "it" told_count 1
does "told; echo x >'$HOOKS/has-told'; sleep 1000" # told, and nobody knows
drop_one
ok "the program has told" wait_for "it" test -s "$HOOKS/has-told"
kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null
DAEMON=
does told
start_daemon
ok "after a kill it is told again" wait_for "it" told_count 3
is "with the same id" "$(for notice in $(told | tail -n 2); do json_member id <"$notice"; done | sort -u | wc -l)" 1
forget_told
drop_one
kill -9 "$DAEMON" # before it has ended, perhaps
wait "$DAEMON" 2>/dev/null
start_daemon
ok "a drop that a kill interrupts is told" wait_for "it" told_count 1
is "as what it is" "$(last text)" "Drop $another (gray): 1 done"

# ---- many at once

forget_told
for i in $(seq 40); do
    mkdir -p "$WORK/people/many/Set $i"
    cp "$PHOTO" "$WORK/people/many/Set $i/a.jpg"
    cp "$PHOTO" "$WORK/people/many/Set $i/b.jpg"
done
PHOTOS_BEFORE=$(count_in DONE)
for i in $(seq 40); do
    drop_folder "$WORK/people/many/Set $i" "gray/Set $i"
done
ok "all are done" wait_ends $((PHOTOS_BEFORE + 80)) 1
ok "forty drops are forty notices" wait_for "them" told_count 40
is "one each" "$(for notice in $(told); do json_member text <"$notice"; done | sort | uniq -c | awk '$1 != 1 || !/: 2 done$/')" ""

# ---- trouble

forget_told
sed -i 's/^min_free.*/min_free = "100TB";/' "$CONF"
reload
ok "what is wrong is told" wait_for "it" told_count 1 trouble
is "in the words of status" "$(last trouble.name)" work.problem
ok "as a sentence" grep -q '"text": "work: .* are free where results go, expected at least 100TB' "$(told trouble)"
reload
sed -i 's/^min_free.*/min_free = "0";/' "$CONF"
reload
ok "that it is over, too" wait_for "it" told_count 2 trouble
is "it is over" "$(last trouble.is_over)" true
is "what was" "$(last trouble.since_utc_us)" "$(json_member trouble.since_utc_us <"$(told | head -n 1)")"
is "nothing is told twice" "$(told | wc -l)" 2
mkdir "$WORK/samples"
{ cat "$WORK/told.json" && told_all; } >"$WORK/samples/notice.json"
sed -n '/^\.Ss notice$/,/^\.El$/p' "$ROOT/packaging/man/dropmill-json.5" >"$WORK/page"
ok "dropmill-json(5) says what comes out" python3 -B "$E2E/json_page.py" "$WORK/page" "$WORK/samples"

forget_told
mv "$SHARE" "$SHARE.away"
ok "a share that is away is told" wait_for "it" told_count 1 trouble
is "as what it is" "$(last trouble.name)" share.problem
ok "in the words of status" grep -q '"text": "the share is away: ' "$(told trouble)"
mv "$SHARE.away" "$SHARE"
ok "and that it is back" wait_for "it" told_count 2 trouble
is "it is over" "$(last trouble.is_over)" true

# ---- off

does 'exit 1'
drop_one
ok "a notice waits" wait_for "it" hooks_are retried 1
hooks ""
reload
ok "hooks are off: it is said what is not told" logged "hooks.exec is off: notices that waited for it and are not delivered: 1"
ok "nothing waits" hooks_are pending 0
is "nothing is kept" "$(sql 'SELECT (SELECT count(*) FROM notice) + (SELECT count(*) FROM ended)')" 0
drop_one
ok "a file is done as ever" wait_for "it" is_in "gray/Drop $another/photo-000.jpg" DONE
is "and nobody is told" "$(sql 'SELECT (SELECT count(*) FROM notice) + (SELECT count(*) FROM ended)')" 0

# ---- by a webhook

POSTS=$WORK/posts
start_server() { # FOLDER [CERTIFICATE KEY]
    mkdir -p "$1"
    echo 200 >"$1/answer"
    "$ROOT/tests/lib/webhook.py" "$@" &
    disown
    SERVERS+=($!)
    wait_for "the server" test -s "$1/port"
}
SERVERS=()
posted() { # COUNT [ANSWER]: so many have come
    [ "$(find "$POSTS" -name "*.${2:-*}.json" | wc -l)" = "$1" ]
}
posted_last() { # MEMBER
    json_member "$1" <"$(find "$POSTS" -name '*.json' | sort -V | tail -n 1)"
}
start_server "$POSTS"
does told
forget_told
hooks "done = true; webhook = \"http://127.0.0.1:$(cat "$POSTS/port")/hook/s3cret?x=1\"; exec = \"$PROGRAM\";"
reload
drop_one
ok "a webhook is posted" wait_for "it" posted 1
ok "the program is told, too" wait_for "it" told_count 1
is "with the same id" "$(posted_last id)" "$(last id)"
is "to where it should" "$(head -n 1 "$POSTS/1.head")" "POST /hook/s3cret?x=1"
ok "as JSON" grep -qi '^content-type: application/json' "$POSTS/1.head"
is "without a word of authorization" "$(grep -ci '^authorization' "$POSTS/1.head")" 0
echo 503 >"$POSTS/answer"
drop_one
ok "503 is tried again" wait_for "it" posted 2 503
ok "which is said" logged "hooks.webhook: a notice (done, gray/Drop $another) was not delivered: the answer was 503: \"told\", will retry in 2s"
echo "redirect http://127.0.0.1:$(cat "$POSTS/port")/elsewhere" >"$POSTS/answer"
ok "a redirection is not followed" wait_for "it" posted 1 redirect
echo 204 >"$POSTS/answer"
ok "and tried again" wait_for "it" posted 1 204
is "nobody was led elsewhere" "$(grep -l elsewhere "$POSTS"/*.head)" ""
echo 410 >"$POSTS/answer"
drop_one
ok "410 is final" wait_for "that" hooks_are lost 1
ok "which is said" logged "a notice (done, gray/Drop $another) was not delivered: the answer was 410: \"told\"; it is given up"
ok "nothing waits" hooks_are pending 0
echo hang >"$POSTS/answer"
drop_one
ok "a webhook that hangs has its time" wait_for "that" logged "hooks.webhook: .*timed out"
echo 200 >"$POSTS/answer"
ok "it is posted then" wait_for "that" hooks_are pending 0
is "the secret is nowhere in the log" "$(grep -c s3cret "$WORK/log")" 0

# ---- certificates

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$WORK/key.pem" -out "$WORK/certificate.pem" 2>/dev/null
chmod 644 "$WORK/certificate.pem"
POSTS=$WORK/tls
start_server "$POSTS" "$WORK/certificate.pem" "$WORK/key.pem"
URL=https://127.0.0.1:$(cat "$POSTS/port")/
hooks "done = true; webhook = \"$URL\";"
reload
drop_one
ok "a certificate that nobody knows is refused" wait_for "that" logged "hooks.webhook: .*certificate"
ok "nothing was posted" posted 0
hooks "done = true; webhook = \"$URL\"; ca_file = \"$WORK/certificate.pem\";"
reload
ok "with hooks.ca_file it is known" wait_for "it" posted 1

# ---- by mail, as the example does it

mkdir "$WORK/mail" "$WORK/path"
cat >"$WORK/path/msmtp" <<MSMTP
#!/bin/sh
echo "\$*" >'$WORK/mail/arguments'
cat >'$WORK/mail/letter.new'
mv '$WORK/mail/letter.new' '$WORK/mail/letter'
MSMTP
chmod 755 "$WORK/path/msmtp"
chmod 777 "$WORK/mail"
sed 's/^TO=.*/TO=anna@example.org/' "$ROOT/examples/notify-mail.sh" >"$WORK/dropmill-mail"
chmod 755 "$WORK/dropmill-mail"
stop_daemon
hooks "exec = \"$WORK/dropmill-mail\";"
PATH=$WORK/path:$PATH start_daemon
fest="Das größte Fest 🎉"
drop "$WORK/bad.jpg" "gray/$fest" "b \"1\".jpg"
drop "$WORK/bad.jpg" "gray/$fest" "größer.jpg"
drop "$PHOTO" "gray/$fest"
ok "a mail is sent" wait_for "it" test -s "$WORK/mail/letter"
is "to whom it should" "$(cat "$WORK/mail/arguments")" "-f dropmill@example.org -- anna@example.org"
/usr/bin/python3 -B - "$WORK/mail/letter" >"$WORK/mail/read" <<'PY'
import email, email.policy, sys
letter = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
print(letter["To"])
print(letter["Subject"])
print(letter.get_content())
PY
is "a mail program reads it" "$(head -n 3 "$WORK/mail/read")" "anna@example.org
$fest (gray): 2 failed, 1 done
$fest (gray): 2 failed, 1 done"
is "the files that failed" "$(grep '^gray/' "$WORK/mail/read" | sort)" "gray/$fest/b \"1\".jpg
gray/$fest/größer.jpg"
ok "where they are" grep -q "^What failed is in     $SHARE/failed/gray/$fest\$" "$WORK/mail/read"

# ---- time is over

hooks "done = true; webhook = \"http://127.0.0.1:1/\"; retry = \"500ms\";"
reload
drop_one
ok "what fails for too long is given up" wait_for "that" hooks_are lost 1
ok "which is said" logged "a notice (done, gray/Drop $another) was not delivered: .*connect.*; it is given up"
ok "metrics tell it" eval "'$DROPMILL' --share '$SHARE' --config '$CONF' metrics | grep -qx 'dropmill_hook_runs_total{result=\"lost\"} 1'"
ok "the daemon stops when told" stop_daemon
kill "${SERVERS[@]}"
done_testing
