#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole way, with a real gateway of Ceph, plain and by TLS: pictures dropped ($S3_RESULTS, 200), results in the bucket; a
# wrong secret; and what others find: rclone and aws have nothing to do.
. "$(dirname "$0")/../lib/rgw.sh"
install_rgw
. "$(dirname "$0")/lib.sh"

PORT=7482 TLS=7483
: "${S3_RESULTS:=200}"
unset "${!AWS_@}"
export HOME=$WORK

ask() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" "$@"
}
configure() { # SECRET BUCKET ENDPOINT [SETTING...]
    cp "$WORK/plain.conf" "$CONF"
    cat >>"$CONF" <<CONF
s3 = {
    bucket = "$2"; prefix = "results/"; endpoint = "$3"; part_size = "5MiB"; ${*:4}
    access_key_id = "$RGW_KEY"; secret_access_key = "$1";
};
CONF
    chmod 600 "$CONF"
}
# Others look at the bucket $BUCKET.
rclone_finds_nothing() {
    RCLONE_CONFIG_T_TYPE=s3 RCLONE_CONFIG_T_PROVIDER=Ceph RCLONE_CONFIG_T_ENDPOINT=http://127.0.0.1:$PORT \
        RCLONE_CONFIG_T_ACCESS_KEY_ID=$RGW_KEY RCLONE_CONFIG_T_SECRET_ACCESS_KEY=$RGW_SECRET \
        rclone "$@" "$SHARE/outbox" "t:$BUCKET/results" >"$WORK/rclone" 2>&1 || { sed 's/^/# /' "$WORK/rclone"; return 1; }
}
rclone_would_do_nothing() {
    rclone_finds_nothing sync --dry-run --stats-one-line -v && ! grep -qE 'Skipped (copy|delete|update)' "$WORK/rclone"
}
aws_would_do_nothing() {
    AWS_ACCESS_KEY_ID=$RGW_KEY AWS_SECRET_ACCESS_KEY=$RGW_SECRET AWS_DEFAULT_REGION=us-east-1 \
        /usr/bin/aws --endpoint-url "http://127.0.0.1:$PORT" s3 sync --dryrun --delete \
        "$SHARE/outbox" "s3://$BUCKET/results" >"$WORK/aws" 2>&1
    local code=$?
    head -n 5 "$WORK/aws" | sed 's/^/# /'
    [ "$code" = 0 ] && [ ! -s "$WORK/aws" ]
}
agreed() { # HOW
    ok "$1: all is sent" ask --quiet s3 wait --timeout 300s
    is "$1: the large one in parts" "$(sql "SELECT count(*) FROM upload WHERE etag LIKE '%-%'")" 1
    ok "$1: the bucket is as the ledger says" ask --quiet s3 audit
    ok "$1: rclone check" rclone_finds_nothing check
    ok "$1: rclone sync has nothing to do" rclone_would_do_nothing
    ok "$1: aws s3 sync has nothing to do" aws_would_do_nothing
}

ok "Ceph starts" start_ceph
ok "a gateway" start_gateway $PORT "ssl_endpoint=127.0.0.1:$TLS" "ssl_certificate=$RGW_TLS_PEM"
ok "a bucket" make_bucket $PORT photos
ok "and another" make_bucket $PORT private

make_photos 12 120 80 png
new_share
echo 'inbox = { sweep = "200ms"; settle_unseen = "100ms"; settle_closed = "100ms"; };' >>"$CONF"
cp "$CONF" "$WORK/plain.conf"

BUCKET=photos
configure "$RGW_SECRET-not" $BUCKET http://127.0.0.1:$PORT
ask s3 check 2>"$WORK/errors"
is "a wrong secret: 69" $? 69
ok "it says what to change" grep -q 's3.secret_access_key' "$WORK/errors"
ok "and not what it is" test "$(grep -cF "$RGW_SECRET" "$WORK/errors")" = 0
configure "$RGW_SECRET" $BUCKET http://127.0.0.1:$PORT
ok "check is good" ask --quiet s3 check

sed -i 's/log_level = "info"/log_level = "debug"/' "$CONF"
start_daemon
vips gaussnoise "$WORK/noise.v" 2600 2600 --mean 128 --sigma 40
vips cast "$WORK/noise.v" "$WORK/noise.tif" uchar
for ((i = 0; i < S3_RESULTS; i++)); do
    drop "$WORK/sources/photo-0$(printf %02d $((i % 12))).png" gray "picture $i é.png"
done
drop "$WORK/noise.tif" copy large.tif
wait_settled $((S3_RESULTS + 1))
agreed plain
is "nobody gets a core of what knows a secret" "$(awk '/^Max core file size/ {print $5, $6}' "/proc/$DAEMON/limits")" "0 0"
for pid in $DAEMON $(pgrep -x dropmill-worker); do
    is "no secret in the arguments and environment of $(cat "/proc/$pid/comm")" \
        "$(cat "/proc/$pid/cmdline" "/proc/$pid/environ" | grep -cF "$RGW_SECRET")" 0
done
is "no secret where jobs tell their stories" "$(grep -rlF "$RGW_SECRET" "$WORK/run" | wc -l)" 0
ok "the daemon stops when told" stop_daemon

# ---- all once more, into the other bucket by TLS

sqlite3 "$LEDGER" "UPDATE upload SET state = 0, not_before_utc_us = 0, etag = ''"
BUCKET=private
configure "$RGW_SECRET" $BUCKET "https://localhost:$TLS"
ask s3 check 2>"$WORK/errors"
is "a certificate that nobody vouches for: 69" $? 69
ok "it says what to set" grep -q 's3.ca_file' "$WORK/errors"
configure "$RGW_SECRET" $BUCKET "https://localhost:$TLS" "ca_file = \"$RGW_TLS_CA\";"
start_daemon
agreed TLS
ok "the daemon stops when told" stop_daemon
is "no secret in the log" "$(grep -cF "$RGW_SECRET" "$WORK/log")" 0
done_testing
