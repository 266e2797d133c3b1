// SPDX-License-Identifier: MIT
//
// year DAYS FILES KEEP_DAYS BURST: days of so many files each through the ledger, as in
// ledger_year.h, and on day 20 BURST times as many. Prints a line for every 30th day: how large the
// ledger is, what a file costs, and what the expiry holds up.
#include "common/fsutil.h"

#include "tests/unit/watcher/support/ledger_year.h"
#include "tests/unit/watcher/support/share_dir.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define EVERY 30
#define BURST_DAY 20
#define MB 1000000

static void print_line(int64_t day, struct year *year, const struct year_day *last,
                       int64_t longest_piece_us) {
    struct year_size size;
    year_measure(year, &size);
    printf("%5" PRId64 " %8" PRId64 " %9" PRId64 " %8" PRId64 " %8" PRId64 " %8" PRId64 " %7" PRId64
           " %5" PRId64 " %5" PRId64 " %6" PRId64 " %6" PRId64 " %8.1f %8.1f\n",
           day, size.files, size.history, size.outputs, size.originals, size.uploads,
           size.file_bytes / MB, size.free_pages * 4096 / MB, size.wal_bytes / MB, last->us_a_file,
           last->steps_a_file, (double)last->longest_us / 1000, (double)longest_piece_us / 1000);
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: year DAYS FILES KEEP_DAYS BURST\n");
        return 64;
    }
    int64_t days = atoll(argv[1]), files = atoll(argv[2]), longest_us = 0;
    g_autofree char *share = share_dir_make();
    g_autofree char *path = g_build_filename(share, "ledger.db", NULL);
    struct year *year = year_new(path, share, atoll(argv[3]));
    printf("  day     rows   history  outputs   origs.  uploads   MB    free  WAL  us/file st/file"
           " turn ms  expiry ms\n");
    for (int64_t day = 1; day <= days; day++) {
        struct year_day done;
        year_go_on(year, day == BURST_DAY ? files * atoll(argv[4]) : files, &done);
        longest_us = MAX(longest_us, done.longest_piece_us);
        if (day % EVERY == 0 || day == days || day == 1) {
            print_line(day, year, &done, longest_us);
            longest_us = 0;
        }
    }
    year_free(year);
    dm_remove_tree(share);
    return 0;
}
