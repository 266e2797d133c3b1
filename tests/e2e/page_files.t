#!/bin/bash
# SPDX-License-Identifier: MIT
# What the page hands out: results and originals whole, in parts and under their names; a drop as a ZIP that every
# program opens; what has changed, as it does; figures. Each check is one of page_files.py.
sh "$(dirname "$0")/../../packaging/deps.sh" page 2>/dev/null
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/page.sh"

checks() { # NAME...: its tests count as ours
    PAGE_ADDRESS=$PAGE_ADDRESS SHARE=$SHARE WORK=$WORK LEDGER=$LEDGER tap_of "$E2E/page_files.py" "$@"
}

new_share
start_daemon
make_photos 4 300 200 jpg
mkdir -p "$WORK/people/holiday/sub"
cp "$WORK/sources/photo-000.jpg" "$WORK/people/holiday/a.jpg"
cp "$WORK/sources/photo-001.jpg" "$WORK/people/holiday/sub/Zoë \"2\".jpg"
cp "$WORK/sources/photo-002.jpg" "$WORK/people/holiday/sub/back\\slash.jpg"
cp "$WORK/sources/photo-003.jpg" "$WORK/people/holiday/A.jpg"
printf 'no picture' >"$WORK/people/holiday/broken.jpg"
mkdir -p "$SHARE/inbox/gray"
mv "$WORK/people/holiday" "$SHARE/inbox/gray/Holiday 2024"
start_page
ok "four pictures are done, one is not" wait_ends 4 1

checks result original part cached names zip zip_names problems figures events
ok "promtool finds nothing in the figures" metrics_are_good

# Somebody takes results away.
mv "$SHARE/outbox/gray/Holiday 2024/a.jpg" "$WORK/taken.jpg"
checks taken zip_without_taken
mv "$WORK/taken.jpg" "$SHARE/outbox/gray/Holiday 2024/a.jpg"

# The share is away.
mv "$SHARE/.dropmill" "$SHARE/.away"
ok "the page notices" wait_for "it" sh -c "[ \"\$(curl -s -o /dev/null -w '%{http_code}' http://$PAGE_ADDRESS/api/result/1)\" = 503 ]"
mv "$SHARE/.away" "$SHARE/.dropmill"
ok "and that it is back" wait_for "it" sh -c "[ \"\$(curl -s -o /dev/null -w '%{http_code}' http://$PAGE_ADDRESS/api/result/1)\" = 200 ]"

ok "the page stops when told" stop_page
ok "the daemon stops when told" stop_daemon
done_testing
