#!/bin/bash
# SPDX-License-Identifier: MIT
# The jail at work in a live session: threads that decode are locked in, the others are not, every format is
# read and written in there by a process that has never decoded it before, and the switch switches.
. "$(dirname "$0")/lib.sh"

make_photos 1 320 200 png
source=$WORK/sources/photo-000.png
mkdir "$WORK/formats"
for name in a.jpg b.png c.webp d.tif e.gif f.avif g.heic; do
    vips copy "$source" "$WORK/formats/$name" 2>/dev/null || rm -f "$WORK/formats/$name"
done
vips icc_transform "$source" "$WORK/formats/h.jpg[profile=cmyk]" cmyk --input-profile srgb
count=$(find "$WORK/formats" -type f | wc -l)
ok "there are formats enough" test "$count" -ge 6
new_share
printf 'engine = { ranks = 1; threads = 2; idle = "60s"; };\n' >>"$CONF"
start_daemon
written="copy"
for format in jpeg png webp tiff gif avif; do
    "$DROPMILL" ops --names | grep -qx $format && written="$written $format"
done
folders=0
for chain in $written; do
    cp -r "$WORK/formats" "$WORK/dropping"
    mv "$WORK/dropping" "$SHARE/inbox/$chain"
    folders=$((folders + 1))
done
ok "all of it comes to an end" wait_settled $((count * folders))
is "and is done" "$(count_in DONE)" $((count * folders))

worker=$(pgrep -f "^$BUILD/dropmill-worker --session $WORK" | head -n 1)
threads() { # FIELD NAME: the values of FIELD in the status of threads called NAME
    local status
    for status in /proc/"$worker"/task/*/status; do
        grep -q "^Name:.$2" "$status" && awk -v f="$1:" '$1 == f { print $2 }' "$status"
    done | sort -u | tr '\n' ' '
}
if "$BUILD/dropmill-worker" --probe-jail | grep -q seccomp; then
    is "decoding threads have a filter" "$(threads Seccomp dm-sandbox)" "2 "
    is "and no way to new privileges" "$(threads NoNewPrivs dm-sandbox)" "1 "
    is "their owners are free" "$(threads Seccomp dm-pool)" "0 "
    is "so is the thread of MPI" "$(awk '$1 == "Seccomp:" { print $2 }' "/proc/$worker/status")" 0
    is "nothing is said of it" "$(grep -c jail "$WORK/log")" 0
else
    skip 5 "this kernel has no seccomp for us"
fi
stop_daemon

printf 'limits = { jail = false; };\n' >>"$CONF"
start_daemon
drop "$source" gray
ok "without the jail, too" wait_for "it" is_in gray/photo-000.png DONE
worker=$(pgrep -f "^$BUILD/dropmill-worker --session $WORK" | head -n 1)
is "there are no sandboxes" "$(threads Seccomp dm-sandbox)" ""
ok "the log says so" grep -q "decoders run without a jail, as limits.jail is false" "$WORK/log"
ok "the daemon stops when told" stop_daemon
done_testing
