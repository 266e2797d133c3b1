#!/bin/bash
# SPDX-License-Identifier: MIT
# Watermarks and the background come from the configuration: folders are named after them, by daemon and by
# `dropmill process`; one that cannot be read fails its tasks and nothing else.
. "$(dirname "$0")/lib.sh"

colour_of() { # FILE X Y
    vips getpoint "$1" "$2" "$3" | tr -s ' ' | sed 's/ $//'
}

new_share
mkdir "$WORK/logos"
vips black "$WORK/black.v" 200 100 --bands 3
vips linear "$WORK/black.v" "$WORK/white.png" 1 255 --uchar
vips linear "$WORK/black.v" "$WORK/logos/red.png" 1 "255 0 0" --uchar
vips bandjoin "$WORK/logos/red.png $WORK/black.v" "$WORK/clear.v"
vips extract_band "$WORK/clear.v" "$WORK/clear.png" 0 --n 4
cat >>"$CONF" <<CONF
watermarks: { red = "$WORK/logos/red.png"; gone = "$WORK/logos/gone.png"; };
output: { background = "0000ff"; };
CONF
"$DROPMILLD" --config "$CONF" --check-config 2>"$WORK/errors"
is "a watermark that is not there: exit 78" $? 78
ok "and it is named" grep -q "watermark 'gone': .*gone.png' cannot be read" "$WORK/errors"
is "nothing else is" "$(wc -l <"$WORK/errors")" 1
"$DROPMILL" --config "$CONF" explain watermark-rde 2>"$WORK/errors"
ok "a wrong name is told the right one" grep -q "a name that works: 'watermark-red'" "$WORK/errors"
"$DROPMILL" --config "$CONF" explain watermark 2>"$WORK/errors"
ok "and none, which there are" grep -q 'watermark takes gone or red' "$WORK/errors"
"$DROPMILL" --config /dev/null explain watermark-red 2>"$WORK/errors"
ok "where none is configured, where to do that" grep -q 'group watermarks of dropmill.conf' "$WORK/errors"
start_daemon
drop "$WORK/white.png" "Watermark red 100%" a.png
drop "$WORK/white.png" watermark-red-northwest-100 b.png
drop "$WORK/white.png" watermark-gone c.png
drop "$WORK/clear.png" jpeg-100 d.png
wait_settled 4
is "half red over all" "$(colour_of "$SHARE/outbox/Watermark red 100%/a.png" 100 50)" "255 127 127"
is "red in the corner" "$(colour_of "$SHARE/outbox/watermark-red-northwest-100/b.png" 5 5)" "255 0 0"
is "white elsewhere" "$(colour_of "$SHARE/outbox/watermark-red-northwest-100/b.png" 190 90)" "255 255 255"
ok "the missing one failed, with the reason" grep -q 'gone.png' <("$DROPMILL" --config "$CONF" history --share "$SHARE" 2>&1)
is "transparency lies on blue" "$(colour_of "$SHARE/outbox/jpeg-100/d.jpg" 9 9)" "0 0 254"
ok "dropmill process" "$DROPMILL" --config "$CONF" process --with watermark-red-100_avif-90 -o "$WORK/out" "$WORK/white.png"
ok "makes one, and an AVIF in the jail" grep -q avif <(head -c 20 "$WORK/out/white.avif")
ok "the daemon stops when told" stop_daemon
done_testing
