#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Holds the rooms apart: who may include what. See "How it works" in CONTRIBUTING.md. Prints each breach; exit 1.
set -eu
cd "$(dirname "$0")/.."
breaches=0

# lines of grep, perhaps none | what they breach
breach() {
    [ -n "$1" ] || return 0
    printf '%s\n' "$1" | while IFS= read -r line; do printf '%s  <- %s\n' "$line" "$2"; done
    breaches=1
}

# header (a regular expression) | the only files that may include it (a regular expression)
only() {
    out=$(grep -rnE "^#[[:space:]]*include[[:space:]]*[<\"]$1" --include='*.[ch]' --include='*.inc' \
        common watcher mpi_worker | grep -vE "^($2):" || true)
    breach "$out" "only in $2"
}

only 'mpi\.h' 'mpi_worker/job/transport\.c'
only 'sqlite3\.h' 'watcher/ledger/[^:]*'
only 'libconfig\.h' 'watcher/config[^:]*'
only 'curl/' 'watcher/store/store_s3[^:]*|watcher/http/http_curl\.c'
only 'openssl/' 'watcher/store/sha256\.c'
only 'expat\.h' 'watcher/store/s3_xml\.c|mpi_worker/meta/xmp\.c'
only 'zlib\.h' 'mpi_worker/(meta/[^:]*|codec/apng\.c)|watcher/page/gzip\.c'
only 'microhttpd\.h' 'watcher/page/server[^:]*'
only 'archive(_entry)?\.h' 'watcher/page/zip[^:]*\.c'
only 'jansson\.h' 'watcher/page/fields\.c'
only 'dlfcn\.h' 'watcher/store/store_open\.c|watcher/http/http_open\.c|mpi_worker/[^:]*'
only 'sys/inotify\.h' 'watcher/inbox/notify\.c'
only 'pthread\.h' 'common/queue\.c|watcher/share/io_thread\.c|watcher/store/(transfer|credentials)\.c|mpi_worker/job/pool\.c|mpi_worker/task/(memory_budget|zygote)\.c|mpi_worker/image/vips_[^:]*'
only 'vips/' 'mpi_worker/(task|ops|codec|image)/[^:]*'
only 'jpeglib\.h|png\.h|tiffio\.h|libheif/|webp/' 'mpi_worker/codec/[^:]*'
only 'lcms2\.h' 'mpi_worker/image/[^:]*'
only 'watcher/' 'watcher/[^:]*'
only 'mpi_worker/' 'mpi_worker/[^:]*'
# The share is the ground: it knows no room. What it does on its thread others may do on theirs; how it does so is its own.
out=$(grep -rnE '^#include "watcher/' watcher/share | grep -v '"watcher/share/' || true)
breach "$out" 'share/ knows no other room'
# So is the store, for the rooms that stand on it and for the commands about the bucket.
out=$(grep -rnE '^#include "watcher/' watcher/store | grep -v '"watcher/store/' || true)
breach "$out" 'store/ knows no other room'
# And asking by HTTP, for the commands.
out=$(grep -rnE '^#include "watcher/' watcher/http | grep -v '"watcher/http/' || true)
breach "$out" 'http/ knows no other room'
only 'watcher/http/http\.h' 'watcher/http/[^:]*|watcher/cli/send_http[^:]*|watcher/notices/webhook\.c'
only 'watcher/http/http_curl\.h' 'watcher/http/[^:]*'
for header in watcher/store/*.h; do
    case $header in
    */store.h | */store_records.h | */store_open.h | */transfer.h | */pace.h | */retry.h | */settings.h) ;;
    */json_fields.h) only "$header" 'watcher/store/[^:]*|watcher/s3_inbox/texts\.c|watcher/cli/send_[^:]*' ;; # a small parser, nothing of a store
    *) only "$header" 'watcher/store/[^:]*' ;;
    esac
done
only 'watcher/share/io_thread\.h' 'watcher/share/[^:]*|watcher/notices/delivery\.c'
only 'watcher/ledger/(columns|db|invariants|row|schema|statements|turn_order)\.h' 'watcher/ledger/[^:]*'

# No room of the watcher includes another room; the two programs may include the rooms' headers, and
# the configuration is made of the rooms' settings, the status of their status.
for room in inbox engine outbox mirror s3_inbox notices; do
    only "watcher/$room/" "watcher/$room/[^:]*|watcher/(daemon\.[ch]|check_config\.c|requests\.c|settings\.h|status\.h)|watcher/page/drop_names\.c|watcher/cli/[^:]*"
done

# Nobody comes in behind a room's door, which is its public header (and settings.h, which the
# configuration embeds). The name of a result is pure, and the same in `dropmill process`; so is what is litter, in
# `dropmill send`; the commands about the bucket know the mirror's keys.
for room in inbox engine outbox mirror s3_inbox notices; do
    for header in watcher/"$room"/*.h; do
        case $header in
        */"$room".h | */settings.h) ;;
        watcher/outbox/output_name.h)
            only "$header" "watcher/outbox/[^:]*|watcher/cli/process_publish\.c"
            ;;
        watcher/inbox/ignore.h)
            only "$header" "watcher/inbox/[^:]*|watcher/cli/send_files\.c|watcher/page/drop_names\.c"
            ;;
        watcher/mirror/object.h)
            only "$header" "watcher/mirror/[^:]*|watcher/cli/(cmd_s3|s3_[a-z]*)\.[ch]"
            ;;
        *) only "$header" "watcher/$room/[^:]*" ;;
        esac
    done
done

# The map of a room, in its door, names every file of it.
for room in ledger share inbox engine store http mirror outbox s3_inbox notices; do
    for file in watcher/"$room"/*.c; do
        name=$(basename "$file" .c)
        [ "$name" = "$room" ] || sed -n '/^\/\//p' "watcher/$room/$room.h" | grep -qw "$name" ||
            breach "$file" "the map in watcher/$room/$room.h does not name it"
    done
done
for file in mpi_worker/job/*.c mpi_worker/task/*.c; do
    sed -n '/^\/\//p' mpi_worker/main.c | grep -qw "$(basename "$file")" ||
        breach "$file" 'the map in mpi_worker/main.c does not name it'
done
for file in mpi_worker/meta/*.c; do
    sed -n '/^\/\//p' mpi_worker/meta/meta.h | grep -qw "$(basename "$file")" ||
        breach "$file" 'the map in mpi_worker/meta/meta.h does not name it'
done

# The worker, from the top: main, then job (no pictures) beside task (no MPI), then ops > codec > image > kernels, and
# meta (no libvips) beside image. Each
# room is entered by its doors; what is not listed is inside.
task_doors='task/(task|jail)\.h'
ops_doors='ops/(op|geometry|watermarks)\.h'
codec_doors='codec/(decode|encode|format|open|scan|sink|sniff)\.h'
meta_doors='meta/(container|containers|corrections|facts|jpeg_parts|meta|place)\.h'
image_doors='image/(compose|meaning|node|normalise|pixels|placement|profile|remark|strips|vips_setup)\.h'

# file or folder below mpi_worker | the only headers of the worker that may be included there (a regular expression)
may() {
    out=$(grep -rnE '^#[[:space:]]*include "mpi_worker/' "mpi_worker/$1" /dev/null | grep -vE "\"mpi_worker/($2)\"" || true)
    breach "$out" "$1 includes only $2"
}

may main.c "job/rank\.h|$task_doors|$ops_doors|image/vips_setup\.h"
may job 'job/[^"]*'
may task "task/[^\"]*|$ops_doors|$codec_doors|$meta_doors|$image_doors"
may ops "ops/[^\"]*|$codec_doors|$image_doors|kernels/[^\"]*"
may codec "codec/[^\"]*|$meta_doors|$image_doors"
may meta 'meta/[^"]*'
may image 'image/[^"]*|kernels/[^"]*|meta/meta\.h'

# Kernels are plain C.
out=$(grep -rnE '^#[[:space:]]*include' mpi_worker/kernels |
    grep -vE '<(endian|stddef|float|stdint|stdbool|string|math|stdlib|limits|assert)\.h>|"mpi_worker/kernels/' ||
    true)
breach "$out" 'kernels include libc only'

/usr/bin/python3 -B tests/check_circles.py || breaches=1
exit $breaches
