#!/bin/bash
# SPDX-License-Identifier: MIT
# Thumbnails and previews over HTTP: what comes, what is refused and how.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../lib/browser.sh"

ask() { # ROUTE [OPTION...]: the status; the answer is in $WORK/answer, its head in $WORK/head
    local route=$1
    shift
    curl --silent --output "$WORK/answer" --dump-header "$WORK/head" --write-out '%{http_code}' \
        --header 'Sec-Fetch-Site: same-origin' "$@" "$PAGE/api/$route"
}
preview() { # FILE QUERY
    ask "preview?$2" --data-binary "@$1"
}
head_of() { # NAME
    tr -d '\r' <"$WORK/head" | sed -n "s/^$1: //Ip"
}
size_of() {
    vipsheader "$1" | sed 's/.*: \([0-9]*x[0-9]*\) .*/\1/'
}
code_of() {
    sed -n 's/.*"error": "\([^"]*\)".*/\1/p' "$WORK/answer"
}

make_photos 1 1280 960 jpg
make_photos 1 400 300 png
new_share
start_daemon
start_page
drop "$WORK/sources/photo-000.jpg" gray
wait_ends 1 0
row=$(sql "SELECT max(id) FROM file")

is "a thumbnail" "$(ask "thumb/$row")" 200
is "... is a JPEG" "$(head_of content-type)" image/jpeg
cp "$WORK/answer" "$WORK/thumb.jpg"
is "... of 320 px" "$(size_of "$WORK/thumb.jpg")" 320x240
is "of no row" "$(ask thumb/99999)" 404
is "of no number" "$(ask thumb/x)" 404
drop "$WORK/sources/photo-000.jpg" gray second.jpg
wait_ends 2 0
rm "$SHARE/outbox/gray/second.jpg"
is "of a result that was taken away" "$(ask "thumb/$(sql "SELECT max(id) FROM file")")" 410

copy=$WORK/sources/photo-000.jpg
is "a preview of the whole" "$(preview "$copy" 'chain=resize-1600_sharpen&mode=whole&width=4000&height=3000')" 200
is "... says how large the result will be" "$(head_of x-result-size)" 1600x1200
is "... and how much of the original a piece of it takes" "$(head_of x-result-ratio)" 0.4
mv "$WORK/answer" "$WORK/seen.jpg"
is "... is as large as the copy" "$(size_of "$WORK/seen.jpg")" 1280x960
is "of a piece" "$(preview "$copy" 'chain=resize-1600_sharpen&mode=detail&width=4000&height=3000')" 200
mv "$WORK/answer" "$WORK/seen.jpg"
is "... has the result's own pixels" "$(size_of "$WORK/seen.jpg")" 512x384
is "of a file, whose size nobody knows" "$(preview "$WORK/sources/photo-000.png" 'chain=rotate-90&mode=whole')" 200
is "... which is said then" "$(head_of x-result-size)" 300x400
is "a name that is not understood" "$(preview "$copy" 'chain=rotat-90&mode=whole&width=4000&height=3000') $(code_of)" "422 chain"
ok "... what was meant" grep -q rotate-90 "$WORK/answer"
is "a window that is too large" "$(preview "$copy" 'chain=crop-5000x10&mode=whole&width=4000&height=3000') $(code_of)" "422 bad-step"
is "no picture" "$(preview "$0" 'chain=gray&mode=file') $(code_of)" "415 not-an-image"
is "no chain" "$(preview "$copy" 'mode=whole')" 422
is "no mode" "$(preview "$copy" 'chain=gray&mode=none')" 422
is "no size" "$(preview "$copy" 'chain=gray&mode=whole&width=0&height=')" 422
head -c 9000000 /dev/zero >"$WORK/large"
is "more than 8 MB" "$(preview "$WORK/large" 'chain=gray&mode=file') $(code_of)" "413 too-large"
is "from another site" "$(ask 'preview?chain=gray&mode=file' --header 'Sec-Fetch-Site: cross-site' --data-binary "@$copy")" 403

kill -9 "$(pgrep -P "$(cat "$WORK/page.pid")" -f "dropmill-worker --alone")"
is "the worker killed: the next comes" "$(preview "$copy" 'chain=gray&mode=whole&width=4000&height=3000')" 200
kill "$(cat "$WORK/page.pid")"
worker_gone() {
    ! pgrep -f "^$BUILD/dropmill-worker --alone" >/dev/null
}
ok "the page gone, so is the worker" wait_for "the worker's end" worker_gone
is "and no file is left" "$(find "$WORK" "$SHARE" -name '*.in' | wc -l)" 0
ok "the daemon stops when told" stop_daemon
done_testing
