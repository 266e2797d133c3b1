#!/bin/bash
# SPDX-License-Identifier: MIT
# A short run of everything, for a build with sanitizers (VARIANT=asan or tsan): nothing is reported by any
# process, and results are right. Runs with any build.
. "$(dirname "$0")/lib.sh"
need_own_networks

: "${DEADLINE:=300}"
for name in ASAN_OPTIONS TSAN_OPTIONS UBSAN_OPTIONS; do
    export "$name=${!name:-}:log_path=$WORK/report"
done
make_photos 6 160 120 jpg
"$E2E/strange.py" "$WORK/strange"
new_share
printf 'engine = { ranks = 2; threads = 2; idle = "2s"; connect = "60s"; };\n' >>"$CONF"
mkdir "$WORK/store"
: >"$WORK/store/.dropmill-mirror"
echo "s3 = { directory = \"$WORK/store\"; bad_names = \"escape\"; };" >>"$CONF"
start_daemon
for chain in rotate-90_resize-100 median-5_jpeg-80 gray_open-3_edges blur-2_sharpen_webp rotate-30 \
    fill-50x40-smart_png enhance_threshold rotat-90; do
    cp -r "$WORK/sources" "$WORK/dropping"
    mv "$WORK/dropping" "$SHARE/inbox/$chain"
done
cp -r "$WORK/strange" "$SHARE/inbox/invert"
files=$((7 * 6 + $(find "$WORK/strange" -type f -printf x | wc -c)))
ok "everything comes to an end" wait_settled $files
is "the good ones are done" "$(count_in DONE)" \
    $((42 + $(find "$WORK/strange" -name '*good*' -printf x | wc -c)))
quietly() {
    "$@" >/dev/null
}
ok "status" quietly "$DROPMILL" --share "$SHARE" --config "$CONF" status --json
ok "retry" quietly "$DROPMILL" --share "$SHARE" --config "$CONF" retry --all
ok "they fail again" wait_settled $files
ok "all results are mirrored" "$DROPMILL" --share "$SHARE" --config "$CONF" --quiet s3 wait
ok "the daemon stops when told" stop_daemon
ok "process" "$DROPMILL" --config "$CONF" process --with gray_blur-2 -o "$WORK/out" "$WORK"/sources/*.jpg
reports=$(find "$WORK" -maxdepth 1 -name 'report*' -size +0)
# shellcheck disable=SC2086 # a list of paths without blanks
[ -z "$reports" ] || head -n 60 $reports | sed 's/^/# /'
is "no sanitizer has anything to say" "$reports" ""
done_testing
