#!/bin/bash
# SPDX-License-Identifier: MIT
# The store of S3 against a real one: Ceph's gateway, plain and with TLS, by path and by host.
. "$(dirname "$0")/../lib/rgw.sh"
install_rgw
. "$(dirname "$0")/lib.sh"

DRIVER=$BUILD/tests/e2e/s3_driver
PLAIN=7480 TLS=7443 SLOW=7481 SESSIONS=7482
unset "${!AWS_@}"
export HOME=$WORK

s3() { # NAME=VALUE... COMMAND...
    "$DRIVER" bucket=bucket endpoint=http://127.0.0.1:$PLAIN key="$RGW_KEY" secret="$RGW_SECRET" "$@" 2>"$WORK/driver.log" |
        grep -v '^#' || sed 's/^/# /' "$WORK/driver.log" >&2
}

first() { # WORDS of the first line
    head -n 1 | cut -d ' ' -f "$1"
}

says() { # TEXT COMMAND...: the command says it
    local text=$1
    shift
    grep -qF -- "$text" <<<"$("$@")"
}

ok "Ceph starts" start_ceph
ok "a gateway" start_gateway $PLAIN "ssl_endpoint=127.0.0.1:$TLS" "ssl_certificate=$RGW_TLS_PEM"
ok "a bucket" make_bucket $PLAIN bucket

is "the contract of all stores" "$(s3 contract | first 1)" ok
is "every awkward key there, back and in the list" "$(s3 keys | first 1)" ok
is "by the name of the host" "$(s3 endpoint=http://localhost:$PLAIN addressing=virtual keys | first 1)" ok
is "the contract over TLS" "$(s3 endpoint=https://localhost:$TLS ca="$RGW_TLS_CA" contract | first 1)" ok

is "a certificate that nobody vouches for" "$(s3 endpoint=https://localhost:$TLS probe | first 1)" endpoint
ok "says what to set" says s3.ca_file s3 endpoint=https://localhost:$TLS probe
is "a wrong secret" "$(s3 secret=wrong put a b | first 1,2)" "endpoint SignatureDoesNotMatch"
ok "says what to check" says s3.secret_access_key s3 secret=wrong probe
is "a key that nobody knows" "$(s3 key=NOBODY probe | first 1,2)" "endpoint InvalidAccessKeyId"
is "a bucket that is not there" "$(s3 bucket=nothing put a b | first 1,2)" "endpoint NoSuchBucket"
ok "says what to check" says s3.bucket s3 bucket=nothing probe
is "nobody listens" "$(s3 endpoint=http://127.0.0.1:1 put a b | first 1-4)" "transport - 0 known"
is "a clock that is 20 min late is put right once" "$(s3 clock=-1200 again=1 put a b | first 1)" ok
is "and one that is early" "$(s3 clock=1200 again=1 head a | first 1)" ok
is "which is said before" "$(s3 clock=-1200 put a b | first 1,2)" "clock RequestTimeTooSkewed"
is "no credentials at all" "$(AWS_EC2_METADATA_DISABLED=true s3 key= secret= put a b | first 1)" endpoint
is "those of the environment" \
    "$(AWS_ACCESS_KEY_ID=$RGW_KEY AWS_SECRET_ACCESS_KEY=$RGW_SECRET s3 key= secret= put a b | first 1)" ok

is "a region that is not theirs does not matter to Ceph" "$(s3 region=mars put a b | first 1)" ok
is "a large object in parts" "$(s3 upload big 12000000 | first 1)" ok
is "is whole" "$(s3 head big | first 1,5)" "ok size=12000000"
is "2000 at once" "$(s3 many 2000 1000 32 | head -n 1)" "2000 objects, 0 bad, 2000 attempts"
is "are listed" "$(s3 list many/ | grep -c many/)" 1000

ok "a gateway that takes 3 requests at a time" start_gateway $SLOW "rgw scheduler type = throttler" \
    "rgw max concurrent requests = 3"
slow=$(s3 endpoint=http://127.0.0.1:$SLOW many 300 1000 16 | head -n 1)
is "takes all in the end" "${slow%,*}" "300 objects, 0 bad"
ok "and says so meanwhile" [ "$(tr -dc '0-9 ' <<<"${slow##*,}")" -gt 300 ]

# On its own, for a gateway with sessions says AccessDenied to a wrong secret too.
with_session() {
    s3 endpoint=http://127.0.0.1:$SESSIONS "${SESSION[@]}" put a b
}
is_over() {
    [ "$(with_session | first 1)" = endpoint ]
}
ok "a gateway that knows sessions" start_gateway $SESSIONS "rgw sts key = abcdefghijklmnop" \
    "rgw s3 auth use sts = true" "rgw sts min session duration = 1"
ok "a session of 2 s" make_session $SESSIONS 2
is "is good" "$(with_session | first 1)" ok
ok "until it is over" wait_for "the end of the session" is_over
ok "which is said" says "token may be too old" with_session
done_testing
