#!/bin/bash
# SPDX-License-Identifier: MIT
# The jail at work in a live session: processes that decode are locked in, the rank is not, every format is read
# and written in there by a process that has never decoded it before, and the switch switches.
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

set_rank() {
    for rank in $(pgrep -x dropmill-worker); do # the others of the session have other names
        ! grep -qz "$WORK/run" "/proc/$rank/cmdline" || break
    done
}
sandboxes() { # FIELD: its values in the status of the rank's sandboxes
    local pid
    for pid in $(pgrep -x dm-sandbox -P "$rank"); do
        awk -v f="$1:" '$1 == f { print $2 }' "/proc/$pid/status"
    done | sort -u | tr '\n' ' '
}
limits() { # NAME: the limit of that name in the rank's sandboxes
    local pid
    for pid in $(pgrep -x dm-sandbox -P "$rank"); do
        sed -n "s/^$1 *\([^ ]*\) .*/\1/p" "/proc/$pid/limits"
    done | sort -u | tr '\n' ' '
}
set_rank
if "$BUILD/dropmill-worker" --probe-jail | grep -q seccomp; then
    is "sandboxes have a filter" "$(sandboxes Seccomp)" "2 "
    is "and no way to new privileges" "$(sandboxes NoNewPrivs)" "1 "
    is "nor any now" "$(sandboxes CapEff)" "0000000000000000 "
    is "few descriptors" "$(limits "Max open files")" "8 "
    is "and no core file" "$(limits "Max core file size")" "0 "
    ok "an end of their memory" grep -q '^[0-9]' <(limits "Max address space")
    is "each is taken before the rank when memory is short" \
        "$(cat "/proc/$(pgrep -n -x dm-sandbox -P "$rank")/oom_score_adj")" 500
    is "the rank is free" "$(awk '$1 == "Seccomp:" { print $2 }' "/proc/$rank/status")" 0
    is "nothing is said of it" "$(grep -c jail "$WORK/log")" 0
else
    skip 9 "this kernel has no seccomp for us"
fi
stop_daemon

printf 'limits = { jail = false; };\n' >>"$CONF"
start_daemon
drop "$source" gray
ok "without the jail, too" wait_for "it" is_in gray/photo-000.png DONE
set_rank
is "sandboxes are processes, without a filter" "$(sandboxes Seccomp)" "0 "
ok "the log says so" grep -q "decoders run without a jail, as limits.jail is false" "$WORK/log"
ok "the daemon stops when told" stop_daemon
done_testing
