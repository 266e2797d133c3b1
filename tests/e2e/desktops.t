#!/bin/bash
# SPDX-License-Identifier: MIT
# What `dropmill setup --samba` and `--nfs` print, under the real servers: people of the share's group drop, fetch and take
# away, each what any of them made; others do not; what Finder and Explorer leave behind is nobody's business.
. "$(dirname "$0")/../lib/file_servers.sh"
install_file_servers
. "$(dirname "$0")/lib.sh"
need_own_network
need_users

# Users with names, for a server that asks for them.
people() {
    sed '/:6100[0-9]:/d' /etc/passwd >"$WORK/passwd"
    sed '/:6100[0-9]:/d' /etc/group >"$WORK/group"
    echo "dmservice:x:$SERVICE_UID:$SHARE_GID::/:/bin/false" >>"$WORK/passwd"
    echo "dmpeople:x:$SHARE_GID:anna,bert" >>"$WORK/group"
    local name uid=61002
    for name in anna bert mallory; do
        echo "$name:x:$uid:$uid::/:/bin/false" >>"$WORK/passwd"
        echo "$name:x:$uid:" >>"$WORK/group"
        uid=$((uid + 1))
    done
    mount --bind "$WORK/passwd" /etc/passwd && mount --bind "$WORK/group" /etc/group
}

as_client() { # USER COMMANDS...: of smbclient
    local user=$1
    shift
    smbclient --configfile="$WORK/samba/smb.conf" --user="$user%secret" //127.0.0.1/share --command="$(printf '%s; ' "$@")" >"$WORK/smbclient" 2>&1 &&
        ! grep -q '^NT_STATUS_' "$WORK/smbclient"
}

may() {
    as_client "$@" || { sed 's/^/# /' "$WORK/smbclient"; return 1; }
}

service_runs
people
new_share
chgrp -R $SHARE_GID "$SHARE"
make_photos 2 1200 900 jpg
photo=$WORK/sources/photo-000.jpg
printf 'inbox = { settle_unseen = "500ms"; settle_unseen_remote = "500ms"; };\n' >>"$CONF"
as_service "$DROPMILL" --config "$CONF" --quiet setup --samba "$SHARE" >"$WORK/section"
as_service "$DROPMILL" --config "$CONF" --quiet setup --nfs "$SHARE" >"$WORK/exports"
is "the group of the share is named" "$(grep -c '@dmpeople\|= dmpeople' "$WORK/section")" 2
start_daemon
drop "$photo" gray local.jpg
wait_for "a local file" is_in gray/local.jpg DONE

start_samba "$SHARE" "$(cat "$WORK/section")"
for name in anna bert mallory; do
    printf 'secret\nsecret\n' | smbpasswd -c "$WORK/samba/smb.conf" -s -a $name >/dev/null 2>&1
done
ok "anna makes a folder, which Explorer calls something first, and drops a picture" may anna 'mkdir "inbox\New folder"' \
    'rename "inbox\New folder" inbox\rotate-90' "put $photo inbox\\rotate-90\\a.jpg"
ok "and what her computer leaves beside it" may anna "put $photo inbox\\gray\\.DS_Store" \
    "put $photo inbox\\gray\\Thumbs.db" "put $photo inbox\\gray\\desktop.ini" 'mkdir inbox\gray\.TemporaryItems' \
    "put $photo inbox\\gray\\.TemporaryItems\\x.jpg" 'mkdir inbox\.Trashes' "put $photo inbox\\.Trashes\\y.jpg" \
    "mkdir inbox\\\$RECYCLE.BIN" "put $photo inbox\\\$RECYCLE.BIN\\z.jpg"
ok "bert drops one into her folder" may bert "put $photo inbox\\rotate-90\\b.jpg" "put $photo inbox\\gray\\c.jpg"
for path in rotate-90/a.jpg rotate-90/b.jpg gray/c.jpg; do
    ok "$path is done" wait_for "it" is_in $path DONE 1
done
ok "bert fetches" may bert "get outbox\\gray\\c.jpg $WORK/fetched.jpg"
ok "the result" cmp "$SHARE/outbox/gray/local.jpg" "$WORK/fetched.jpg"
ok "bert takes away what came of anna's" may bert 'del outbox\rotate-90\a.jpg'
ok "anna what came of bert's, and what somebody dropped at the server" may anna 'del outbox\rotate-90\b.jpg' 'del outbox\gray\local.jpg'
ok "and the originals" may anna 'del originals\rotate-90\b.jpg'
is "they are gone" "$(find "$SHARE/outbox" -type f -printf '%P\n')" gray/c.jpg
is "what is there belongs to the group" "$(find "$SHARE/inbox" "$SHARE/outbox" ! -group $SHARE_GID)" ""
is "and nobody else can read along" "$(find "$SHARE"/{inbox,originals}/rotate-90 "$SHARE/outbox" -perm /007)" ""
ok "mallory, who is not in it, may do nothing" eval "! as_client mallory 'ls'"
is "nothing failed" "$(find "$SHARE/failed" -type f)" ""
strange() { # rows that are none of the pictures that were meant
    sql "SELECT path FROM files" | grep -vxE '(gray|rotate-90)/(local|[abc]|broken|nfs[34])\.jpg|(flip|invert)/d\.jpg' | xargs
}
is "what computers leave is not taken for pictures" "$(strange)" ""
is "nor for names of folders" "$(find "$SHARE/inbox" -name '_*' ! -name '_How*' ! -name '_Status*')" ""
ok "anna takes her folders away" may anna 'rmdir outbox\rotate-90' 'rmdir inbox\rotate-90'
is "they are gone" "$(find "$SHARE/outbox" "$SHARE/inbox" -name rotate-90)" ""

# What cannot be processed: bert reads why, anna puts it back as it is, bert throws it away.
echo "no picture" >"$WORK/broken.jpg"
ok "bert drops what is none" may bert "put $WORK/broken.jpg inbox\\gray\\broken.jpg"
ok "it fails" wait_for "that" test -s "$SHARE/failed/gray/broken.jpg"
note=$(cd "$SHARE/failed/gray" && find . -name 'broken.jpg?*' -printf '%P\n')
ok "bert reads the note" may bert "get \"failed\\gray\\$note\" $WORK/note"
ok "which says why" test -s "$WORK/note"
ok "anna moves it back" may anna 'rename failed\gray\broken.jpg inbox\gray\broken.jpg'
ok "it fails again" wait_for "that" is_in gray/broken.jpg FAILED 2
ok "bert throws it away" wait_for "that" may bert 'del failed\gray\broken*'
is "it is gone" "$(find "$SHARE/failed" -type f)" ""

# What exports(5) says, in ganesha's words.
option() {
    sed -n "s/.*[(,]$1=\([0-9]*\).*/\1/p" "$WORK/exports"
}
is "everybody is the service" "$(option anonuid):$(option anongid)" "$SERVICE_UID:$SHARE_GID"
ok "by all_squash" grep -q '(rw,.*all_squash' "$WORK/exports"
start_ganesha "$SHARE" "Squash = All_Squash; Anonymous_Uid = $(option anonuid); Anonymous_Gid = $(option anongid);"
in_nfs() { # PROTOCOL ACTION SOURCE NAME
    local root=/photos
    [ "$1" = nfs4 ] || root=$SHARE
    /usr/bin/python3 -B "$ROOT/tests/lib/remote_writer.py" "$1" "$root" "$2" "$3" "$4"
}
for version in nfs3 nfs4; do
    chain=$([ $version = nfs3 ] && echo flip || echo invert)
    in_nfs $version plain "$photo" inbox/gray/$version.jpg
    ok "$version: done" wait_for "it" is_in gray/$version.jpg DONE
    ok "$version: fetched" wait_for "that" in_nfs $version fetched "$SHARE/outbox/gray/c.jpg" outbox/gray/$version.jpg
    ok "$version: taken away" in_nfs $version taken_away "$photo" outbox/gray/$version.jpg
    ok "$version: a folder of a name of its own" in_nfs $version in_new_folder "$photo" "inbox/$chain/d.jpg"
    in_nfs $version littered "$photo" "inbox/$chain"
    ok "$version: done" wait_for "it" is_in "$chain/d.jpg" DONE
    ok "$version: taken away with its folder" wait_for "that" eval "in_nfs $version taken_away $photo outbox/$chain/d.jpg && in_nfs $version folder_taken_away $photo outbox/$chain"
done
is "they are gone" "$(find "$SHARE/outbox" -type f -printf '%P\n')" gray/c.jpg
is "what computers leave is not taken for pictures" "$(strange)" ""
ok "the daemon stops when told" stop_daemon
done_testing
