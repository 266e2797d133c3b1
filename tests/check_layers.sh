#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Holds the rooms apart: who may include what. See "Rooms" in README.md. Prints each breach; exit 1.
set -eu
cd "$(dirname "$0")/.."
breaches=0

# header (a regular expression) | the only files that may include it (a regular expression)
only() {
    out=$(grep -rnE "^#[[:space:]]*include[[:space:]]*[<\"]$1" --include='*.[ch]' --include='*.inc' \
        common watcher mpi_worker | grep -vE "^($2):" || true)
    if [ -n "$out" ]; then
        printf '%s\n' "$out" | sed "s|\$|  <- only in $2|"
        breaches=1
    fi
}

only 'mpi\.h' 'mpi_worker/job/transport\.c'
only 'sqlite3\.h' 'watcher/ledger/[^:]*'
only 'libconfig\.h' 'watcher/config[^:]*'
only 'sys/inotify\.h' 'watcher/inbox/notify\.c'
only 'pthread\.h' 'common/(queue|lane)\.c|mpi_worker/job/pool\.c|mpi_worker/task/(memory_budget|sandbox)\.c|mpi_worker/image/vips_[^:]*'
only 'vips/' 'mpi_worker/[^:]*'
only 'jpeglib\.h|png\.h|libexif/' 'mpi_worker/codec/[^:]*'
only 'watcher/' 'watcher/[^:]*'
only 'mpi_worker/' 'mpi_worker/[^:]*'
only 'watcher/ledger/(columns|db|invariants|row|schema)\.h' 'watcher/ledger/[^:]*'

# No room of the watcher includes another room; the two programs may include the rooms' headers, and
# the configuration is made of the rooms' settings, the status of their status.
for room in inbox engine outbox; do
    only "watcher/$room/" "watcher/$room/[^:]*|watcher/(dropmilld\.c|config\.h|status\.h)|watcher/cli/[^:]*"
done

# Nobody comes in behind a room's door, which is its public header (and settings.h, which the
# configuration embeds). What retry and process share with the outbox is on its way to share/.
for room in inbox engine outbox; do
    for header in watcher/"$room"/*.h; do
        case $header in
        */"$room".h | */settings.h) ;;
        watcher/outbox/litter.h | watcher/outbox/move.h | watcher/outbox/notes.h | watcher/outbox/publish.h)
            only "$header" "watcher/outbox/[^:]*|watcher/cli/(cmd_retry|process_publish)\.c"
            ;;
        *) only "$header" "watcher/$room/[^:]*" ;;
        esac
    done
done

# Kernels are plain C.
out=$(grep -rnE '^#[[:space:]]*include' mpi_worker/kernels |
    grep -vE '<(endian|stddef|float|stdint|stdbool|string|math|stdlib|limits|assert)\.h>|"mpi_worker/kernels/' ||
    true)
if [ -n "$out" ]; then
    printf '%s\n' "$out" | sed 's|$|  <- kernels include libc only|'
    breaches=1
fi
exit $breaches
