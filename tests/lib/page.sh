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
PAGE_AS=() # words before the page

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
    "${PAGE_AS[@]}" "$PAGE_PROGRAM" --share "$SHARE" --config "$PAGE_CONF" >>"$WORK/page.log" 2>&1 &
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

# promtool may not be there; then the figures count as good as they look.
metrics_are_good() {
    page metrics >"$WORK/metrics" && grep -q '^dropmill_page_requests_total{code="2xx"} [1-9]' "$WORK/metrics" || return
    if command -v promtool >/dev/null; then
        promtool check metrics <"$WORK/metrics"
    fi
}

tap_of() { # PROGRAM ARGUMENTS...: its tests count as ours
    local line planned=0
    while IFS= read -r line; do
        case $line in
        "ok "* | "not ok "*)
            tests=$((tests + 1))
            [[ $line == ok* ]] || failures=$((failures + 1))
            echo "${line%%ok *}ok $tests - ${line#* - }"
            ;;
        1..*) planned=1 ;;
        *) echo "$line" ;;
        esac
    done < <(/usr/bin/python3 -B "$@" 2>&1)
    [ $planned = 1 ] || ok "$1 comes to its end" false
}

# How much more memory a build may take, as sanitizers do.
SANITIZED=1
[[ $BUILD != *san ]] || SANITIZED=10
