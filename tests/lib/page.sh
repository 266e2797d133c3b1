# shellcheck shell=bash disable=SC2034 # tests read what is set here
# SPDX-License-Identifier: MIT
#
# The page beside the daemon, for a test that sources lib.sh:
#
#   start_page [SETTINGS]         dropmill-page on $SHARE at $PAGE_ADDRESS and $PAGE_SOCKET, with these lines in its group
#   stop_page                     ends it; returns how it ended
#   page PATH [CURL-ARGUMENTS]    what the page answers
#   page_status PATH [...]        the status of its answer alone
#   page_rss                      what it holds in memory, in kB

PAGE_ADDRESS=127.0.0.1:8642
PAGE_PROGRAM=$BUILD/dropmill-page
PAGE=

start_page() {
    PAGE_SOCKET=$WORK/page.sock
    PAGE_CONF=$WORK/page.conf
    cp "$CONF" "$PAGE_CONF"
    cat >>"$PAGE_CONF" <<CONF
page = {
    socket = "$PAGE_SOCKET";
    state_dir = "$WORK/page-state";
    ${1:-}
};
CONF
    "$PAGE_PROGRAM" --share "$SHARE" --config "$PAGE_CONF" >>"$WORK/page.log" 2>&1 &
    PAGE=$!
    wait_for "the page" page_answers
}

page_answers() {
    [ "$(page_status healthz)" = 200 ]
}

stop_page() {
    kill "$PAGE"
    wait "$PAGE"
    local code=$?
    PAGE=
    return $code
}

page() { # PATH ...
    local path=$1
    shift
    curl -s -S --max-time 60 "$@" "http://$PAGE_ADDRESS/$path"
}

page_status() {
    page "$@" -o /dev/null -w '%{http_code}' 2>/dev/null
}

page_rss() {
    awk '/^VmRSS/ {print $2}' "/proc/$PAGE/status"
}
