# shellcheck shell=bash disable=SC2034 # its user reads what is set here
# SPDX-License-Identifier: MIT
#
# A real S3 for tests: Ceph's object gateway on loopback, thrown away with the test. For a test that sources lib.sh, in
# which $WORK is its own and processes end with it.
#
#   install_rgw              before lib.sh, while there is a network; skips the whole test if it cannot be had
#   start_ceph               the store beneath (in memory), and a user with $RGW_KEY, $RGW_SECRET
#   start_gateway PORT [LINE...]   a gateway at 127.0.0.1:PORT, with these lines of configuration more
#   make_bucket PORT NAME    a bucket
#   make_session PORT SECONDS      $SESSION: key, secret and token of a session, as words for s3_driver
#
# RGW_TLS_CA is the certificate of the gateways that speak TLS ("ssl_port=N" and "ssl_certificate=$RGW_TLS_PEM").

RGW_KEY=AKIDROPMILLTEST
RGW_SECRET='secret/of+the-test'
RGW_MON_PORT=8480

install_rgw() {
    [ -n "${OWN_NAMESPACES:-}" ] && return 0
    local why
    why=$(sh "$(dirname "${BASH_SOURCE[0]}")/../../packaging/deps.sh" s3 2>&1) && return 0
    echo "1..0 # SKIP a gateway of Ceph cannot be installed here: $(tail -n 1 <<<"$why")"
    exit 0
}

ceph_conf() {
    cat <<CONF
[global]
fsid = $RGW_FSID
mon host = [v2:127.0.0.1:$RGW_MON_PORT,v1:127.0.0.1:$((RGW_MON_PORT + 1))]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
# Gateways insist on "secure", which needs keys that nobody has here, unless "crc" comes first.
ms mon client mode = crc secure
ms client mode = crc secure
ms bind ipv6 = false
# One copy of everything, on one disk, is what is meant.
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 1
mon tick interval = 1
paxos propose interval = 0.05
osd objectstore = memstore
memstore device bytes = 8589934592
osd class load list = *
osd class default list = *
run dir = $RGW_DIR
admin socket = $RGW_DIR/\$name.\$pid.asok
pid file = $RGW_DIR/\$name.pid
log file = $RGW_DIR/\$name.log
debug none = 0
[mon.a]
mon data = $RGW_DIR/mon
[osd.0]
osd data = $RGW_DIR/osd
CONF
}

make_certificate() {
    RGW_TLS_CA=$RGW_DIR/ca.pem
    RGW_TLS_PEM=$RGW_DIR/tls.pem
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$RGW_DIR/key.pem" -out "$RGW_TLS_CA" -days 2 \
        -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1' 2>/dev/null
    cat "$RGW_TLS_CA" "$RGW_DIR/key.pem" >"$RGW_TLS_PEM"
}

start_ceph() {
    RGW_DIR=$WORK/ceph
    RGW_FSID=$(cat /proc/sys/kernel/random/uuid)
    mkdir -p "$RGW_DIR/mon" "$RGW_DIR/osd"
    ceph_conf >"$RGW_DIR/ceph.conf"
    make_certificate
    export CEPH_CONF=$RGW_DIR/ceph.conf
    {
        monmaptool --create --clobber --fsid "$RGW_FSID" --addv a "[v2:127.0.0.1:$RGW_MON_PORT,v1:127.0.0.1:$((RGW_MON_PORT + 1))]" "$RGW_DIR/monmap" &&
            ceph-mon -i a --mkfs --monmap "$RGW_DIR/monmap" && ceph-mon -i a &&
            timeout 60 ceph osd new "$RGW_FSID" &&
            ceph-osd -i 0 --mkfs --osd-uuid "$RGW_FSID" && ceph-osd -i 0 &&
            timeout 60 radosgw-admin --name client.rgw user create --uid=test --display-name=test \
                --access-key="$RGW_KEY" --secret-key="$RGW_SECRET"
    } >"$RGW_DIR/start.log" 2>&1 || {
        tail -n 20 "$RGW_DIR/start.log" | sed 's/^/# /'
        return 1
    }
}

gateway_answers() {
    curl -s -o /dev/null "http://127.0.0.1:$1/"
}

start_gateway() { # PORT [LINE...]
    local port=$1 frontend="beast endpoint=127.0.0.1:$1" line conf=$RGW_DIR/rgw-$1.conf
    shift
    sed "s/^pid file = .*/pid file = ${conf//\//\\/}.pid/; s/^log file = .*/log file = ${conf//\//\\/}.log/" \
        "$RGW_DIR/ceph.conf" >"$conf"
    printf '[client.rgw]\nrgw dns name = localhost\nrgw thread pool size = 32\nrgw enable usage log = false\n' >>"$conf"
    for line in "$@"; do
        case $line in
        ssl_*) frontend="$frontend $line" ;;
        *) echo "$line" >>"$conf" ;;
        esac
    done
    echo "rgw frontends = $frontend" >>"$conf"
    radosgw -c "$conf" --name client.rgw >>"$RGW_DIR/start.log" 2>&1
    wait_for "the gateway at $port" gateway_answers "$port"
}

make_bucket() { # PORT NAME
    local empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    [ "$(curl -s -o /dev/null -w '%{http_code}' -X PUT --aws-sigv4 aws:amz:us-east-1:s3 -u "$RGW_KEY:$RGW_SECRET" \
        -H "x-amz-content-sha256: $empty" "http://127.0.0.1:$1/$2")" = 200 ]
}

# A role that the user may take, and what it may do.
make_role() {
    local admin=(radosgw-admin --name client.rgw)
    "${admin[@]}" caps add --uid=test --caps='roles=*' &&
        "${admin[@]}" role create --role-name=mate --path=/ --assume-role-policy-doc='{"Version":"2012-10-17","Statement":[{
            "Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/test"]},"Action":["sts:AssumeRole"]}]}' &&
        "${admin[@]}" role-policy put --role-name=mate --policy-name=all --policy-doc='{"Version":"2012-10-17",
            "Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"*"}]}'
}

session_field() {
    sed -n "s/.*<$1>\([^<]*\)<.*/\1/p" "$RGW_DIR/session.xml"
}

make_session() { # PORT SECONDS
    local form="Action=AssumeRole&Version=2011-06-15&RoleSessionName=session&RoleArn=arn:aws:iam:::role/mate&DurationSeconds=$2"
    make_role >>"$RGW_DIR/start.log" 2>&1
    curl -s -o "$RGW_DIR/session.xml" --aws-sigv4 aws:amz:us-east-1:sts -u "$RGW_KEY:$RGW_SECRET" \
        -H "x-amz-content-sha256: $(printf %s "$form" | sha256sum | cut -d ' ' -f 1)" -d "$form" "http://127.0.0.1:$1/"
    SESSION=("key=$(session_field AccessKeyId)" "secret=$(session_field SecretAccessKey)"
        "token=$(session_field SessionToken)")
    [ -n "$(session_field SessionToken)" ]
}
