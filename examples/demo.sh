#!/bin/sh
# SPDX-License-Identifier: MIT
#
# dropmill at work, from a bare Debian 12: installs what is missing, builds, makes a share, drops 40 pictures
# into six folders and shows what comes out, and why three do not. Safe to run again.
#
#   sh examples/demo.sh [--s3] [DIR]     DIR: where the demonstration lives, default build/demo
#                                        --s3: results go into a bucket, too; installs Ceph's gateway for it
set -eu
cd "$(dirname "$0")/.."

s3=
[ "${1:-}" != --s3 ] || { s3=s3; shift; }
say() {
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
        printf '\n\033[1m%s\033[0m\n' "$*"
    else
        printf '\n%s\n' "$*"
    fi
}

say "Installing what is missing: a compiler, and the libraries that dropmill is made of"
echo "  packaging/deps.sh knows which, README.md why; what is there already is left alone"
sh packaging/deps.sh demo $s3
say "Building four programs, with $(nproc) at a time: a minute or two, the first time"
began=$(date +%s)
terminal=
[ ! -t 1 ] || terminal=yes
{ make --no-print-directory -j "$(nproc)" all 2>&1 || echo "FAILED"; } | awk -v terminal="$terminal" '
    $1 == "CC" || $1 == "AR" || $1 == "LINK" {
        if (terminal) printf "\r\033[K  %d done, now %s", done++, $2
        next
    }
    $1 == "FAILED" { failed = 1; next }
    { print }
    END { if (terminal) printf "\r\033[K"; exit failed }'
echo "  built in $(($(date +%s) - began)) s: dropmilld, dropmill, dropmill-page, dropmill-worker in build/release/"
build=$PWD/build/release
demo=${1:-build/demo}
mkdir -p "$demo"
demo=$(cd "$demo" && pwd)
share=$demo/share

dropmill() {
    "$build/dropmill" --share "$share" --config "$demo/dropmill.conf" "$@"
}

# ---- the pictures --------------------------------------------------------------------------------

if [ ! -f "$demo/photos/photo-08.jpg" ]; then
    say "Making some pictures"
    sh examples/make-photos.sh "$demo/photos" 8
fi

# ---- the share and the daemon --------------------------------------------------------------------

say "Making a share in $share"
if [ -f "$demo/daemon.pid" ]; then
    kill "$(cat "$demo/daemon.pid")" 2>/dev/null || true
fi
rm -rf "$share" "$demo/state"
cat >"$demo/dropmill.conf" <<CONF
state_dir = "$demo/state";
runtime_dir = "$demo/run";
log_level = "warning";
CONF
if [ -n "$s3" ]; then
    say "Making a bucket on this machine"
    bucket=$(bash examples/gateway.sh start "$demo" 7499 photos)
    eval "export $bucket"
    cat >>"$demo/dropmill.conf" <<CONF
s3: {
    bucket = "photos"; prefix = "results/"; endpoint = "http://127.0.0.1:7499";
};
CONF
    tail -n 3 "$demo/dropmill.conf"
fi
"$build/dropmill" setup --bare "$share" >/dev/null
"$build/dropmilld" --share "$share" --config "$demo/dropmill.conf" 2>"$demo/daemon.log" &
daemon=$!
echo "$daemon" >"$demo/daemon.pid"
sed 's/^log_level.*//' "$demo/dropmill.conf" >"$demo/page.conf"
"$build/dropmill-page" --share "$share" --config "$demo/page.conf" 2>"$demo/page.log" &
page=$!
trap 'kill "$daemon" "$page" 2>/dev/null; rm -f "$demo/daemon.pid"; [ -z "$s3" ] || bash examples/gateway.sh stop "$demo"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The page, in a browser: it is there while this runs, unless somebody else has its port.
tries=0
while ! grep -q -e 'the page is at' -e error "$demo/page.log" 2>/dev/null && [ "$tries" -lt 100 ]; do
    kill -0 "$page" 2>/dev/null || break
    tries=$((tries + 1))
    sleep 0.1
done
address=$(sed -n 's/.*the page is at //p' "$demo/page.log")
say "The page: ${address:-not there, see $demo/page.log}"
[ -z "$address" ] || echo "  in a browser on this machine, as long as this runs: send, watch, fetch, mend"

# ---- dropping ------------------------------------------------------------------------------------

fill() { # FOLDER COUNT
    mkdir -p "$share/inbox/$1"
    n=1
    while [ "$n" -le "$2" ]; do
        cp "$demo/photos/photo-0$(((n - 1) % 8 + 1)).jpg" "$share/inbox/$1/picture-$n.jpg"
        n=$((n + 1))
    done
}

say "Dropping 40 pictures into 6 folders"
fill "rotate-90_resize-1600" 10
fill "Grayscale" 8
fill "blur-8" 7
fill "edges" 6
fill "resize-50pct_jpeg-70" 6
fill "rotat-90" 1 # misspelt
head -c 100000 "$demo/photos/photo-01.jpg" >"$share/inbox/Grayscale/cut-short.jpg"
echo "Dear diary, this is no picture." >"$share/inbox/blur-8/diary.jpg"
(cd "$share/inbox" && ls -d -- */ && find . -name '*.jpg' | wc -l)

count() { # STATE
    dropmill status --json | tr -d ' "' | tr ',{' '\n' | sed -n "s/^$1:\([0-9]*\).*/\1/p" | head -n 1
}

say "Working"
tries=0
finished=0
while [ "$finished" -lt 39 ] && [ "$tries" -lt 600 ]; do
    kill -0 "$daemon" 2>/dev/null || { cat "$demo/daemon.log" >&2; exit 1; }
    made=$(count 'done' || true)
    refused=$(count 'failed' || true)
    finished=$((${made:-0} + ${refused:-0}))
    [ ! -t 1 ] || printf '\r  %d of 40 finished' "$finished"
    tries=$((tries + 1))
    sleep 0.2
done
printf '\r  %d of 40 finished: %d made, %d refused; 1 waits for its folder to be renamed\n' \
    "$finished" "$made" "$refused"

# ---- what came out -------------------------------------------------------------------------------

say "What came out"
(cd "$share/outbox" && for folder in */; do
    first=$(find "$folder" -type f | sort | head -n 1)
    printf '  %-26s %2d pictures, the first is %s x %s\n' "$folder" \
        "$(find "$folder" -type f | wc -l)" "$(vipsheader -f width "$first")" \
        "$(vipsheader -f height "$first")"
done)

if [ -n "$s3" ]; then
    say "The same in the bucket, as others list it"
    dropmill s3 wait
    dropmill s3 status
    RCLONE_CONFIG_B_TYPE=s3 RCLONE_CONFIG_B_PROVIDER=Ceph RCLONE_CONFIG_B_ENV_AUTH=true AWS_CA_BUNDLE='' \
        RCLONE_CONFIG_B_ENDPOINT=http://127.0.0.1:7499 rclone -q lsf -R --files-only b:photos/results |
        cut -d / -f 1 | sort | uniq -c | while read -r number folder; do
        printf '  results/%-26s %2d objects\n' "$folder/" "$number"
    done
fi

say "Why three did not"
tries=0
while ! ls "$share/inbox/rotat-90/READ ME"* >/dev/null 2>&1 && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.2
done
for note in "$share"/failed/*/*.txt "$share"/inbox/rotat-90/READ\ ME*; do
    printf '\n--- %s\n' "${note#"$share/"}"
    cat "$note"
done
dropmill status

set --
for folder in rotate-90_resize-1600 Grayscale blur-8 edges; do
    set -- "$@" "$demo/photos/photo-02.jpg" "$share/outbox/$folder/picture-2.jpg" "$folder"
done
sh examples/contact-sheet.sh "$demo/before-after.png" "$@"
say "Before and after: $demo/before-after.png"

# ---- your turn -----------------------------------------------------------------------------------

if [ -t 0 ] && [ -t 1 ]; then
    say "Your turn: drop pictures into a folder of $share/inbox"
    echo "  Folder names are programs: rotate-90, resize-1600, gray_blur-3 (all: $build/dropmill ops)."
    echo "  Results appear in $share/outbox. Ctrl-C ends the demonstration."
    [ -z "$address" ] || echo "  Or in a browser: $address"
    wait "$daemon"
fi
