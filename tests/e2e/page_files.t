#!/bin/bash
# SPDX-License-Identifier: MIT
# What the page hands out: results and originals whole, in parts and under their names; a drop as a ZIP that every
# program opens; what has changed, as it does; figures.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/page.sh"
sh "$ROOT/packaging/deps.sh" page || skip_all "the packages of the page's tests"

new_share
start_daemon
make_photos 3 300 200 jpg
holiday="$SHARE/inbox/gray/Holiday 2024"
mkdir -p "$WORK/new/sub"
cp "$WORK/sources/photo-000.jpg" "$WORK/new/a.jpg"
cp "$WORK/sources/photo-001.jpg" "$WORK/new/sub/Zoë \"2\".jpg"
cp "$WORK/sources/photo-002.jpg" "$WORK/new/sub/c\\d.jpg"
printf 'no picture' >"$WORK/new/broken.jpg"
drop_folder "$WORK/new" gray "Holiday 2024" 2>/dev/null
mkdir -p "$SHARE/inbox/gray"
[ -d "$holiday" ] || mv "$SHARE/inbox/gray"/* "$holiday" 2>/dev/null
start_page
tree() { # what is asked of the page, and what must be on the share
    BUILD=$BUILD WORK=$WORK SHARE=$SHARE LEDGER=$LEDGER PAGE_ADDRESS=$PAGE_ADDRESS PAGE_PID=$PAGE \
        /usr/bin/python3 -B "$E2E/page_files.py" "$@"
}
ok "the pictures are done" wait_ends 3 1
