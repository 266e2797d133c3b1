#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole way, with a real gateway of Ceph: pictures dropped, results in the bucket; a wrong secret; and what others find:
# rclone has nothing to do.
. "$(dirname "$0")/../lib/rgw.sh"
install_rgw
. "$(dirname "$0")/lib.sh"

PORT=7482
unset "${!AWS_@}"
export HOME=$WORK

ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}
configure() { # SECRET
    cp "$WORK/plain.conf" "$CONF"
    cat >>"$CONF" <<CONF
s3 = {
    bucket = "photos"; prefix = "results/"; endpoint = "http://127.0.0.1:$PORT"; part_size = "5MiB";
    access_key_id = "$RGW_KEY"; secret_access_key = "$1";
};
CONF
    chmod 600 "$CONF"
}
rclone_finds_nothing() {
    RCLONE_CONFIG_T_TYPE=s3 RCLONE_CONFIG_T_PROVIDER=Ceph RCLONE_CONFIG_T_ENDPOINT=http://127.0.0.1:$PORT \
        RCLONE_CONFIG_T_ACCESS_KEY_ID=$RGW_KEY RCLONE_CONFIG_T_SECRET_ACCESS_KEY=$RGW_SECRET \
        rclone "$@" "$SHARE/outbox" t:photos/results >"$WORK/rclone" 2>&1 || { sed 's/^/# /' "$WORK/rclone"; return 1; }
}
nothing_to_transfer() {
    rclone_finds_nothing sync --dry-run --stats-one-line -v && ! grep -qE 'Skipped (copy|delete|update)' "$WORK/rclone"
}

ok "Ceph starts" start_ceph
ok "a gateway" start_gateway $PORT
ok "a bucket" make_bucket $PORT photos

make_photos 12 120 80 png
new_share
echo 'inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
cp "$CONF" "$WORK/plain.conf"

configure "$RGW_SECRET-not"
ask s3 check 2>"$WORK/errors"
is "a wrong secret: 69" $? 69
ok "it says what to change" grep -q 's3.secret_access_key' "$WORK/errors"
ok "and not what it is" test "$(grep -cF "$RGW_SECRET" "$WORK/errors")" = 0
configure "$RGW_SECRET"
ok "check is good" ask --quiet s3 check

start_daemon
vips gaussnoise "$WORK/noise.v" 2600 2600 --mean 128 --sigma 40
vips cast "$WORK/noise.v" "$WORK/noise.tif" uchar
for ((i = 0; i < 120; i++)); do
    drop "$WORK/sources/photo-0$(printf %02d $((i % 12))).png" gray "picture $i é.png"
done
drop "$WORK/noise.tif" copy large.tif
wait_settled 121
ok "all is sent" ask --quiet s3 wait --timeout 120s
is "the large one in parts" "$(sql "SELECT count(*) FROM upload WHERE etag LIKE '%-%'")" 1
ok "the bucket is as the ledger says" ask --quiet s3 audit
if command -v rclone >/dev/null; then
    ok "rclone check" rclone_finds_nothing check
    ok "rclone sync has nothing to do" nothing_to_transfer
else
    skip 2 "no rclone here"
fi

ok "no secret in the log" test "$(grep -cF "$RGW_SECRET" "$WORK/log")" = 0
ok "the daemon stops when told" stop_daemon
done_testing
