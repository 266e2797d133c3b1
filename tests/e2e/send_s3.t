#!/bin/bash
# SPDX-License-Identifier: MIT
# `dropmill send --s3` from a machine that has nothing but credentials, by a real bucket (Ceph's gateway); the other side
# is played here: it answers each input, and its results are the inputs themselves.
. "$(dirname "$0")/../lib/rgw.sh"
install_rgw
. "$(dirname "$0")/lib.sh"

PORT=7494 SLOW=7495 TLS=7498
unset "${!AWS_@}"
export HOME=$WORK AWS_ACCESS_KEY_ID=$RGW_KEY AWS_SECRET_ACCESS_KEY=$RGW_SECRET
URL=http://127.0.0.1:$PORT

s3() { # COMMAND... of the driver
    "$BUILD/tests/e2e/s3_driver" bucket=pics endpoint=$URL key="$RGW_KEY" secret="$RGW_SECRET" "$@" 2>/dev/null
}
keys() { # PREFIX
    s3 list-all "$1" | sed -n 's/^  //p'
}
send() { # OPTION... FILE...; what it says is in $WORK/said
    "$DROPMILL" send --s3 pics/in --endpoint $URL "$@" >"$WORK/out" 2>"$WORK/said"
}
says() {
    grep -qF -- "$1" "$WORK/said" || { sed 's/^/# /' "$WORK/said"; false; }
}
answer() { # KEY: as the daemon's side does, by the name of the input
    local name=${1#in/} etag
    etag=$(s3 etag "$1" | head -n 1)
    case $name in
    *bad*) s3 put "in/.answers/$name.json" "{\"etag\":\"$etag\",\"state\":\"failed\",\"results\":[],\"reason\":\"not-an-image\",\"message\":\"This is no picture.\"}" ;;
    *)
        s3 copy "$1" "results/$name"
        s3 put "in/.answers/$name.json" "{\"etag\":\"$etag\",\"state\":\"done\",\"results\":[\"results/$name\"]}"
        ;;
    esac >/dev/null
    [ -z "${TAKES_AWAY:-}" ] || s3 remove "$1" >/dev/null
}
answer_all() { # FOLDER COUNT: until so many inputs of it are answered
    local key count=0 answered=' '
    while [ "$count" -lt "$2" ]; do
        while read -r key; do
            [[ $answered != *" $key "* ]] || continue
            answer "$key"
            answered="$answered$key "
            count=$((count + 1))
        done < <(keys "in/$1/")
        moment
    done
}

ok "Ceph starts" start_ceph
ok "a gateway" start_gateway $PORT "ssl_endpoint=127.0.0.1:$TLS" "ssl_certificate=$RGW_TLS_PEM"
ok "a bucket" make_bucket $PORT pics

mkdir -p "$WORK/trip/day 1" "$WORK/other"
for ((i = 0; i < 12; i++)); do
    head -c $((1000 + i)) /dev/urandom >"$WORK/trip/picture-$i é.jpg"
done
head -c 5000 /dev/urandom >"$WORK/trip/day 1/IMG_0001.JPG"
head -c 5001 /dev/urandom >"$WORK/other/IMG_0001.JPG"
head -c 36700160 /dev/urandom >"$WORK/trip/large.tif"
head -c 20000000 /dev/zero | tr '\0' b >"$WORK/trip/bees.tif"
echo "no picture" >"$WORK/trip/bad.jpg"
echo litter >"$WORK/trip/Thumbs.db"
echo hidden >"$WORK/trip/.hidden.jpg"
TRIP=16

send --with gray "$WORK/trip"
is "nobody takes from there: 69" $? 69
ok "and what to look at" says s3_inbox.prefix
is "nothing was sent" "$(keys in/gray/)" ""
s3 put in/.dropmill.json '{"dropmill":"0.1.0","share":"x","host":"here","results":"results/","answers":"in/.answers/","since":"2026-01-01T00:00:00Z"}' >/dev/null
send --with rotat-90 "$WORK/trip"
is "a chain that is none: 65" $? 65
ok "with the nearest" says rotate
AWS_SECRET_ACCESS_KEY=wrong send --with gray "$WORK/trip"
is "a wrong secret: 69" $? 69

answer_all gray/first $TRIP &
send --with gray --name first --get "$WORK/got" --timeout 100s --progress "$WORK/trip"
is "one is bad: 65" $? 65
ok "it is named with the reason" says "trip/bad.jpg: This is no picture. (not-an-image)"
ok "litter is left out and named" says "trip/Thumbs.db: left out"
ok "so is what is hidden" says "trip/.hidden.jpg: left out"
ok "progress is told" says "sent $TRIP of $TRIP"
rm "$WORK/trip/bad.jpg"
ok "results are what was sent" diff -r -x .hidden.jpg -x Thumbs.db "$WORK/trip" "$WORK/got/trip"
is "nothing half is left" "$(find "$WORK/got" -name '.*' -type f)" ""
is "the large one went in parts" "$(s3 etag "in/gray/first/trip/large.tif" | head -n 1 | grep -c -- -3)" 1
is "answers that were read are gone" "$(keys in/.answers/)" ""
wait

TRIP=15
send --with gray --name later "$WORK/trip"
is "without --wait: 0" $? 0
ok "how to go on is said" says "--name later and --wait"
is "all is there" "$(keys in/gray/later/ | wc -l)" $TRIP
# Put whole, the same bytes have another ETag than in parts, and the same sum: if it keeps that it was not sent again.
s3 put-bytes in/gray/later/trip/bees.tif 20000000 >/dev/null
etag=$(s3 etag in/gray/later/trip/bees.tif | head -n 1)
answer_all gray/later $TRIP &
send --json --with gray --name later --get "$WORK/later" --timeout 100s "$WORK/trip"
is "gone on with: 0" $? 0
is "what was there is not sent again" "$(s3 etag in/gray/later/trip/bees.tif | head -n 1)" "$etag"
is "one line of JSON for each" "$(python3 -c 'import json,sys; print(sum(json.loads(l)["state"] == "got" for l in sys.stdin))' <"$WORK/out")" $TRIP
ok "the same came back" diff -r -x .hidden.jpg -x Thumbs.db "$WORK/trip" "$WORK/later/trip"
wait

echo tls >"$WORK/other/tls.jpg"
"$DROPMILL" send --s3 pics/in --endpoint https://localhost:$TLS --with gray "$WORK/other/tls.jpg" 2>"$WORK/said"
is "a certificate that nobody vouches for: 69" $? 69
ok "--ca-file vouches" "$DROPMILL" send -q --s3 pics/in --endpoint https://localhost:$TLS --ca-file "$RGW_TLS_CA" --with gray "$WORK/other/tls.jpg"
rm "$WORK/other/tls.jpg"
ok "two with one name, two sends: the first, its server from the environment" \
    env AWS_ENDPOINT_URL=$URL "$DROPMILL" send -q --s3 s3://pics/in/ --with gray "$WORK/trip/day 1/IMG_0001.JPG"
ok "the second" send --with gray "$WORK/other/IMG_0001.JPG"
is "neither is over the other" "$(keys in/gray/ | grep -c '/IMG_0001.JPG$')" 4
send --with gray --name twins "$WORK/trip/day 1/IMG_0001.JPG" "$WORK/other/IMG_0001.JPG"
is "two with one name in one send: 65" $? 65
ok "the second is named" says "other/IMG_0001.JPG: '"
send --with gray --name twins "$WORK/other/IMG_0001.JPG"
is "another one of that name is there: 65" $? 65
ok "what to say is said" says --replace
ok "--replace" send --with gray --name twins --replace "$WORK/other/IMG_0001.JPG"
is "puts it there" "$(s3 head in/gray/twins/IMG_0001.JPG | grep -c 'size=5001')" 1

# Somebody has taken the input away and answered; and then the file is another one.
TAKES_AWAY=yes
ok "sent" send --with gray --name taken "$WORK/other/IMG_0001.JPG"
answer in/gray/taken/IMG_0001.JPG
ok "its answer is known again" send --with gray --name taken --get "$WORK/taken" --timeout 60s "$WORK/other/IMG_0001.JPG"
is "and it is not sent again" "$(keys in/gray/taken/)" ""
ok "sent" send --with gray --name stale "$WORK/other/IMG_0001.JPG"
answer in/gray/stale/IMG_0001.JPG
head -c 5001 /dev/urandom >"$WORK/other/IMG_0001.JPG"
send --with gray --name stale --get "$WORK/stale" --timeout 3s "$WORK/other/IMG_0001.JPG"
is "an answer to another one is not believed: 75" $? 75
is "it was sent" "$(keys in/gray/stale/)" in/gray/stale/IMG_0001.JPG
answer_all gray/stale 1
ok "and gone on with" send --with gray --name stale --get "$WORK/stale" --timeout 60s "$WORK/other/IMG_0001.JPG"
ok "to its own result" cmp "$WORK/other/IMG_0001.JPG" "$WORK/stale/IMG_0001.JPG"

echo mine >"$WORK/stale/mine.jpg"
echo theirs >"$WORK/other/mine.jpg"
answer_all gray/kept 1 &
send --with gray --name kept --get "$WORK/stale" --timeout 60s "$WORK/other/mine.jpg"
is "a file that was there stays" "$(cat "$WORK/stale/mine.jpg")" mine
is "and the result has the next name" "$(cat "$WORK/stale/mine (2).jpg")" theirs
answer_all gray/forced 1 &
send --with gray --name forced --force --get "$WORK/stale" --timeout 60s "$WORK/other/mine.jpg"
is "--force replaces it" "$(cat "$WORK/stale/mine.jpg")" theirs
answer_all gray/inputs 1 &
(cd "$WORK/other" && send --with gray --name inputs --force --get . --timeout 60s mine.jpg)
is "but never an input" "$(ls "$WORK/other")" "$(printf 'IMG_0001.JPG\nmine.jpg')"
wait

# An answer can be anybody's.
ok "sent" send --with gray --name sly "$WORK/other/mine.jpg"
s3 put in/.answers/gray/sly/mine.jpg.json "{\"etag\":\"$(s3 etag in/gray/sly/mine.jpg | head -n 1)\",\"state\":\"done\",\"results\":[\"results/gray/sly/../../escaped.jpg\"]}" >/dev/null
s3 put results/gray/sly/../../escaped.jpg sly >/dev/null
send --with gray --name sly --get "$WORK/sly" --timeout 60s "$WORK/other/mine.jpg"
is "a result that leads out: 65" $? 65
is "leads nowhere" "$(find "$WORK" -name escaped.jpg)" ""

# A result that is not what it says of itself.
ok "sent" send --with gray --name other "$WORK/other/mine.jpg"
curl -s -X PUT --aws-sigv4 aws:amz:us-east-1:s3 -u "$RGW_KEY:$RGW_SECRET" -H "x-amz-content-sha256: $(printf x | sha256sum | cut -d ' ' -f 1)" \
    -H "x-amz-meta-sha256: $(printf y | sha256sum | cut -d ' ' -f 1)" --data-binary x "$URL/pics/results/gray/other/mine.jpg"
s3 put in/.answers/gray/other/mine.jpg.json "{\"etag\":\"$(s3 etag in/gray/other/mine.jpg | head -n 1)\",\"state\":\"done\",\"results\":[\"results/gray/other/mine.jpg\"]}" >/dev/null
send --with gray --name other --get "$WORK/not" --timeout 60s "$WORK/other/mine.jpg"
is "a result of other bytes than were put: 65" $? 65
ok "which is said" says sha256
is "is not kept" "$(find "$WORK/not" -type f)" ""

sent_some() {
    [ "$(keys in/gray/cut/ | wc -l)" -ge 5 ]
}
"$DROPMILL" send --s3 pics/in --endpoint $URL --with gray --name cut --get "$WORK/cut" "$WORK/trip" 2>"$WORK/said" &
sender=$!
wait_for "some that are sent" sent_some
kill -INT $sender
wait $sender
is "an interrupt ends it as such" $? 130
ok "and it says how to go on" says "the same command with --name cut"
is "nothing in parts is left" "$(s3 uploads '' | grep -c '^ok\|^  ')" 1
answer_all gray/cut $TRIP &
ok "it goes on" send --with gray --name cut --get "$WORK/cut" --timeout 100s "$WORK/trip"
ok "to the end" diff -r -x .hidden.jpg -x Thumbs.db "$WORK/trip" "$WORK/cut/trip"
wait

# A gateway that takes three requests at once and refuses the others, and a sender that is killed now and then.
ok "a gateway that is easily overrun" start_gateway $SLOW "rgw scheduler type = throttler" "rgw max concurrent requests = 3"
mkdir "$WORK/crowd"
for ((i = 0; i < 60; i++)); do
    echo "picture $i" >"$WORK/crowd/$i.jpg"
done
cp "$WORK/trip/bees.tif" "$WORK/crowd"
crowd_at_least() {
    [ "$(keys in/gray/crowd/ | wc -l)" -ge "$1" ]
}
for ((round = 1; round <= 3; round++)); do
    "$DROPMILL" send -q --s3 pics/in --endpoint http://127.0.0.1:$SLOW --with gray --name crowd "$WORK/crowd" 2>/dev/null &
    sender=$!
    wait_for "some of round $round" crowd_at_least $((round * 12))
    kill -9 $sender
    wait $sender 2>/dev/null
done
ok "after kills all is sent" \
    "$DROPMILL" send -q --s3 pics/in --endpoint http://127.0.0.1:$SLOW --with gray --name crowd "$WORK/crowd"
is "each once" "$(keys in/gray/crowd/ | wc -l)" 61
TAKES_AWAY=
answer_all gray/crowd 61 &
"$DROPMILL" send -q --s3 pics/in --endpoint http://127.0.0.1:$SLOW --with gray --name crowd --get "$WORK/back" --timeout 100s "$WORK/crowd" 2>"$WORK/said"
is "and comes back" $? 0
ok "as it was" diff -r "$WORK/crowd" "$WORK/back/crowd"
wait
send --with gray --wait --timeout 1s "$WORK/other/mine.jpg"
is "nobody answers: 75" $? 75
done_testing
