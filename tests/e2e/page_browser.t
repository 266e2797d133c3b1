#!/bin/bash
# SPDX-License-Identifier: MIT
# The page as people use it, in Debian's Chromium: each thing that is done there is a test of tests/page/page_test.py.
# Pictures of all views are kept in build/page/.
. "$(dirname "$0")/../lib/browser.sh"
install_browser
. "$(dirname "$0")/lib.sh"

in_browser() { # ADDRESS [NAME...]: its tests count as ours
    local address=$1 line
    shift
    while IFS= read -r line; do
        case $line in
        "ok "* | "not ok "*)
            tests=$((tests + 1))
            [[ $line == ok* ]] || failures=$((failures + 1))
            echo "${line%%ok *}ok $tests - ${line#* - }"
            ;;
        1..*) ;;
        *) echo "$line" ;;
        esac
    done < <(/usr/bin/python3 -B "$ROOT/tests/page/page_test.py" "$address/" "$SHARE" "$WORK" "$ROOT/build/page" "$AXE" "$@")
}

new_share
start_daemon
start_page

in_browser "$PAGE"
[ -n "$AXE" ] || skip 1 "axe-core cannot be fetched here: npm"

# The same behind nginx, on a share of its own.
stop_daemon
kill "$(cat "$WORK/page.pid")"
rm -rf "$SHARE" "$WORK/state" "$WORK/run"
new_share
start_daemon
start_page
start_nginx pictures
in_browser "$NGINX" dropped_elsewhere preview pause two_tabs no_script

stop_daemon
in_browser "$PAGE" daemon_gone
start_daemon
in_browser "$PAGE" daemon_back

ok "the daemon stops when told" stop_daemon
done_testing
