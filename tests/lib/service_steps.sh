# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# What an administrator and the people on a share go through where dropmill is installed as a service, in the system
# that tests/lib/systemd.sh has booted.
#
#   bare_steps             before anybody has said which folder
#   service_steps          all the rest

UNIT=dropmilld.service
PICTURES=/srv/pictures

# In the system: file FILE of ours, put there as USER.
drop_as() { # USER FILE SHARE CHAIN NAME
    # shellcheck disable=SC2016 # the inner shell expands it
    inside_as "$1" sh -c 'umask 007; mkdir -p "$1/inbox/$2" && cat >"$1/inbox/$2/$3"' sh "$3" "$4" "$5" <"$2"
}

result_is_there() { # SHARE CHAIN/NAME
    [ -s "$SYSTEM$1/outbox/$2" ] || inside test -s "$1/outbox/$2"
}

is_active() {
    [ "$(property "$1" ActiveState)" = active ]
}

says() { # UNIT PATTERN
    property "$1" StatusText | grep -q -- "$2"
}

restarted() { # UNIT TIMES
    [ "$(property "$1" NRestarts)" -ge "$2" ] && is_active "$1"
}

tell_journal() {
    inside journalctl --no-pager -o cat -u "$1" -n 20 | sed 's/^/# journal: /'
}

# Ports of TCP that listen in that system, in hexadecimal digits.
tcp_ports() {
    # shellcheck disable=SC2016 # awk's
    inside awk '$4 == "0A" {sub(".*:", "", $2); print $2}' /proc/net/tcp /proc/net/tcp6 | xargs
}

bare_steps() {
    is "a bare install is skipped" "$(inside systemctl start $UNIT 2>&1; property $UNIT ConditionResult)" no
    is "and has not failed" "$(property $UNIT ActiveState)" inactive
    inside systemctl start dropmill-page.service dropmill-page.socket 2>/dev/null
    is "so is the page" "$(property dropmill-page.service ConditionResult) $(property dropmill-page.socket ConditionResult)" "no no"
    is "no port is open" "$(tcp_ports)" ""
    is "the user is there" "$(inside id -un dropmill)" dropmill
}

setup_steps() {
    inside dropmill setup $PICTURES --samba --nfs >"$WORK/setup" 2>&1
    is "setup" $? 0
    sed 's/^/# /' "$WORK/setup"
    ok "says who watches" grep -q "watched by $UNIT" "$WORK/setup"
    ok "the daemon runs" is_active $UNIT
    if ! is_active $UNIT; then
        tell_journal $UNIT
        echo "Bail out! the service does not start"
        exit 1
    fi
    ok "and says what it does" wait_for "that" says $UNIT "^$PICTURES"
    is "not as root" "$(inside ps -o user= -p "$(property $UNIT MainPID)")" dropmill
    is "it starts with the machine" "$(inside systemctl is-enabled $UNIT)" enabled
    is "setup again is no mistake" "$(inside dropmill -q setup $PICTURES 2>&1; echo $?)" 0
    is "another share is another service" "$(inside dropmill -q setup /srv/other >/dev/null 2>&1; echo $?)" 78
    is "one in /tmp is refused" "$(inside dropmill -q setup --instance tmp /tmp/share >/dev/null 2>&1; echo $?)" 78
    inside dropmill status >"$WORK/status"
    ok "both locks hold the decoders" grep -q "decoders held by Landlock and seccomp" "$WORK/status"
    inside dropmill doctor >"$WORK/doctor"
    is "the doctor finds nothing failed" $? 0
    sed 's/^/# /' "$WORK/doctor"
    is "nor to be warned of" "$(grep -c '^warning' "$WORK/doctor")" 0
    ok "he asks as the service's user" grep -q "^ok *rights *dropmill " "$WORK/doctor"
    ok "and sees its right to leases" grep -q "^ok *cap-lease" "$WORK/doctor"
}

# A decoder's process, as the kernel sees it: its jail is a filter more than the unit's own.
filters_of() { # PID
    inside sed -n 's/^Seccomp_filters:\t//p' "/proc/$1/status"
}

jailed() {
    local main decoder
    main=$(filters_of "$(property $UNIT MainPID)")
    for decoder in $(inside pgrep dm-sandbox); do
        [ "$(filters_of "$decoder")" -le "$main" ] || return 0
    done
    return 1
}

person_steps() {
    inside useradd --create-home --groups dropmill anna
    drop_as anna "$photo" $PICTURES gray photo.jpg
    ok "a picture in, a result out" wait_for "the result" result_is_there $PICTURES gray/photo.jpg || tell_journal $UNIT
    ok "a process is in its jail" wait_for "one" jailed
    is "nothing was said against the jail" "$(inside journalctl -o cat -u $UNIT | grep -ci jail)" 0
    is "the result is the group's alone" "$(inside stat -c '%U:%G %a' $PICTURES/outbox/gray/photo.jpg)" "dropmill:dropmill 660"
    ok "anna may take it away" inside_as anna rm $PICTURES/outbox/gray/photo.jpg
    inside useradd --create-home stranger
    ok "a stranger sees nothing" eval "! inside_as stranger ls $PICTURES 2>/dev/null"
    ok "status is in systemd's words, too" wait_for "that" says $UNIT "1 done"
}

reload_steps() {
    local pid
    pid=$(property $UNIT MainPID)
    echo 'small = "resize-100";' | inside sh -c 'cat >/etc/dropmill/recipes.d/small.conf'
    drop_as anna "$photo" $PICTURES small photo.jpg
    ok "reload" inside systemctl reload $UNIT
    ok "the recipe is known" wait_for "its result" result_is_there $PICTURES small/photo.jpg
    is "to the same process" "$(property $UNIT MainPID)" "$pid"
    echo 'recipies = { };' | inside sh -c 'cat >/etc/dropmill/conf.d/wrong.conf'
    inside systemctl reload $UNIT
    is "a wrong configuration stops nothing" "$(property $UNIT ActiveState) $(property $UNIT MainPID)" "active $pid"
    ok "status has its mistake" grep -q "wrong.conf:1: unknown key 'recipies'" <(inside dropmill --config /dev/null --share $PICTURES status)
    ok "the journal explains it" grep -q "Mend the file" <(inside journalctl -x -u $UNIT)
    inside rm /etc/dropmill/conf.d/wrong.conf
    inside systemctl reload $UNIT
}

# With a watchdog of 1 s: it says that it is alive, over and over, and nobody kills it.
gave_signs_until() { # UNIT MICROSECONDS
    [ "$(property "$1" WatchdogTimestampMonotonic)" -gt "$2" ]
}
stays_alive() { # UNIT
    local later=$(($(property "$1" WatchdogTimestampMonotonic) + 2500000))
    wait_for "signs of life" gave_signs_until "$1" $later && [ "$(property "$1" NRestarts)" = 0 ]
}

# People are told, by a program and a webhook, within what the unit allows.
notices_steps() {
    printf '#!/bin/sh\ncat >/var/lib/dropmill/told.new && mv /var/lib/dropmill/told.new /var/lib/dropmill/told\n' |
        inside sh -c 'mkdir -p /usr/local/lib && cat >/usr/local/lib/tell && chmod 755 /usr/local/lib/tell'
    echo 'hooks = { exec = "/usr/local/lib/tell"; webhook = "http://127.0.0.1:9/s3cret"; done = true; idle = "300ms"; };' |
        inside sh -c 'umask 077; cat >/etc/dropmill/conf.d/told.conf && chown dropmill /etc/dropmill/conf.d/told.conf'
    inside systemctl reload $UNIT
    drop_as anna "$photo" $PICTURES gray told.jpg
    ok "people are told by a program" wait_for "it" inside test -s /var/lib/dropmill/told || tell_journal $UNIT
    ok "of what is done" inside grep -q '"text": "gray: 1 done"' /var/lib/dropmill/told
    ok "the webhook is asked, too" wait_for "that" eval "inside journalctl -o cat -u $UNIT | grep -q 'hooks.webhook: .*connect to 127.0.0.1 port 9'"
    inside rm /etc/dropmill/conf.d/told.conf
    inside systemctl reload $UNIT
}

watchdog_steps() {
    inside mkdir -p /run/systemd/system/$UNIT.d
    printf '[Service]\nWatchdogSec=1s\nRestartSec=100ms\n' | inside sh -c "cat >/run/systemd/system/$UNIT.d/test.conf"
    inside systemctl daemon-reload
    inside systemctl restart $UNIT
    ok "it says that it is alive" stays_alive $UNIT
    inside kill -STOP "$(property $UNIT MainPID)"
    ok "a daemon that stands still is started again" wait_for "that" restarted $UNIT 1 || tell_journal $UNIT
    ok "for that reason" grep -q "result 'watchdog'" <(inside journalctl -o cat -u $UNIT)
    drop_as anna "$photo" $PICTURES gray again.jpg
    ok "and works" wait_for "the result" result_is_there $PICTURES gray/again.jpg
    inside rm /run/systemd/system/$UNIT.d/test.conf
    inside systemctl daemon-reload
}

# A unit may make no namespace, until setup has seen that they are wanted.
ranks_steps() {
    local drop_in=/etc/systemd/system/$UNIT.d/share.conf pid
    pid=$(property $UNIT MainPID)
    echo 'engine = { ranks = 2; threads = 1; };' | inside sh -c 'cat >/etc/dropmill/conf.d/ranks.conf'
    inside systemctl reload $UNIT
    ok "several ranks want namespaces: the old configuration is kept" test "$(property $UNIT MainPID)" = "$pid"
    ok "and what mends it is said" grep -q "by 'dropmill setup' once more" <(inside dropmill --config /dev/null --share $PICTURES status)
    ok "setup once more" inside dropmill -q setup $PICTURES
    ok "lets them through" inside grep -qx 'RestrictNamespaces=user net' $drop_in
    drop_as anna "$photo" $PICTURES gray ranks.jpg
    ok "two ranks, in a network of their own" wait_for "the result" result_is_there $PICTURES gray/ranks.jpg || tell_journal $UNIT
    ok "by mpirun" grep -q 'is up: ranks 2,' <(inside journalctl -o cat -u $UNIT)
    inside rm /etc/dropmill/conf.d/ranks.conf
    ok "setup once more" inside dropmill -q setup $PICTURES
    is "takes that back" "$(inside grep -c RestrictNamespaces $drop_in)" 0
}

# A further share, on a file system of its own that goes and comes back.
mount_steps() {
    local unit=dropmilld@nas.service
    inside sh -c 'mkdir -p /srv/nas /var/nas && mount --bind /var/nas /srv/nas'
    inside mkdir -p /run/systemd/system/$unit.d
    printf '[Service]\nRestartSec=1s\n' | inside sh -c "cat >/run/systemd/system/$unit.d/test.conf"
    ok "a further share" inside dropmill -q setup --instance nas /srv/nas
    ok "has a daemon of its own" wait_for "it" is_active $unit || tell_journal $unit
    drop_as anna "$photo" /srv/nas gray photo.jpg
    ok "that works" wait_for "the result" result_is_there /srv/nas gray/photo.jpg || tell_journal $unit
    inside umount --lazy /srv/nas
    ok "its file system goes" wait_for "status" says $unit "the share '/srv/nas' is offline"
    is "the daemon stays" "$(property $unit ActiveState)" active
    inside mount --bind /var/nas /srv/nas
    ok "and comes back" wait_for "status" says $unit "/srv/nas: 1 done"
    inside sh -c "umount --lazy /srv/nas && systemctl --no-block restart $unit"
    ok "a daemon that starts without it tries again" wait_for "that" eval "inside journalctl -o cat -u $unit | grep -q 'may be away: is it mounted'"
    inside mount --bind /var/nas /srv/nas
    ok "until it is there" wait_for "it" is_active $unit || tell_journal $unit
    drop_as anna "$photo" /srv/nas gray later.jpg
    ok "and is worked on" wait_for "the result" result_is_there /srv/nas gray/later.jpg || tell_journal $unit
    ok "the other one never noticed" is_active $UNIT
    inside systemctl stop $unit
    is "stopping it is no failure" "$(property $unit Result) $(property $unit ActiveState)" "success inactive"
    ok "the other's socket is still there" inside dropmill -q status
}

# A browser in that system, or with a path the web server before the page; the page is the machine's, so it is there if
# its package is.
browse() {
    nsenter --target "$SYSTEM_PID" --net /usr/bin/python3 -B "$ROOT/tests/lib/page_client.py" "${AT:-8642}" "$@"
}

page_steps() {
    local unit=dropmill-page.service folder
    if ! inside systemctl cat $unit >/dev/null 2>&1; then
        skip 7 "the page is not installed"
        return
    fi
    ok "the page runs" wait_for "it" is_active $unit || tell_journal $unit
    is "as its own user" "$(inside ps -o user:20= -p "$(property $unit MainPID)")" dropmill-page
    ok "it sees the daemon" wait_for "that" eval 'browse | grep -q "\"here\": *true"'
    folder=$(browse gray "From afar" "$photo")
    ok "a picture by the page is processed" wait_for "the result" result_is_there $PICTURES "$folder/photo-000.jpg" || tell_journal $unit
    ok "and people may take the result away" inside_as anna rm "$PICTURES/outbox/$folder/photo-000.jpg"
    is "it may write into the inbox alone" \
        "$(inside nsenter --target "$(property $unit MainPID)" --mount sh -c "touch $PICTURES/outbox/x" 2>&1 | grep -c 'Read-only file system')" 1
    ok "it stays when the daemon is away" inside sh -c "systemctl stop $UNIT && systemctl is-active $unit && systemctl start $UNIT"
    page_socket_steps $unit
    page_watchdog_steps $unit
}

# systemd has opened what it listens at.
page_socket_steps() { # UNIT
    local passed=/run/dropmill-page/page.sock network
    network=$(inside readlink "/proc/$(property "$1" MainPID)/ns/net")
    ok "its sockets are handed in" grep -q "at 127.0.0.1:8642, which the service manager" <(inside journalctl -o cat -u "$1")
    ok "it has no network of its own accord" test -n "$network" -a "$network" != "$(inside readlink /proc/1/ns/net)"
    is "a web server in the group may come in" "$(inside stat -c '%U:%G %a' $passed)" "dropmill-page:dropmill 660"
    ok "and does" eval "AT=/proc/$SYSTEM_PID/root$passed browse | grep -q here"
    ok "systemd knows what it does" wait_for "that" says "$1" "^$PICTURES: [0-9]* connection"
    echo 'page = { listen = "127.0.0.1:9999"; };' | inside sh -c 'cat >/etc/dropmill/conf.d/page.conf'
    inside systemctl restart "$1"
    ok "another address in the configuration: what is to be done is said" \
        grep -q "nobody listens at '127.0.0.1:9999'.*systemctl edit dropmill-page.socket" <(inside journalctl -o cat -u "$1")
    inside rm /etc/dropmill/conf.d/page.conf
}

# Who comes while it stands still waits, and is answered by the next one.
page_watchdog_steps() { # UNIT
    inside mkdir -p "/run/systemd/system/$1.d"
    printf '[Service]\nWatchdogSec=1s\nRestartSec=100ms\n' | inside sh -c "cat >/run/systemd/system/$1.d/test.conf"
    inside systemctl daemon-reload
    inside systemctl restart "$1"
    ok "it says that it is alive" stays_alive "$1"
    inside kill -STOP "$(property "$1" MainPID)"
    ok "a visitor of a page that stands still is answered" eval 'browse | grep -q here' || tell_journal "$1"
    ok "by the one that was started instead" restarted "$1" 1
    inside rm "/run/systemd/system/$1.d/test.conf"
    inside systemctl daemon-reload
    ok "stopped with its socket it is gone" inside systemctl stop dropmill-page.socket
    is "from the port, too" "$(tcp_ports)" ""
    is "which is no failure" "$(property "$1" Result) $(property "$1" ActiveState)" "success inactive"
}

stop_steps() {
    ok "stop" inside systemctl stop $UNIT
    is "is no failure" "$(property $UNIT Result) $(property $UNIT ActiveState)" "success inactive"
    is "nothing of it is left" "$(inside pgrep -u dropmill)" ""
}

service_steps() {
    make_photos 1 1200 900 jpg
    photo=$WORK/sources/photo-000.jpg
    setup_steps
    person_steps
    reload_steps
    notices_steps
    watchdog_steps
    ranks_steps
    mount_steps
    page_steps
    stop_steps
}
