// SPDX-License-Identifier: MIT
//
// Of each chain the mean time and the mean size of its last files are kept. A file of the mean size
// takes the mean time; of what a file takes, half is said to be the same for all and half to grow
// with its bytes: a large one among small ones is known for what it is, and small ones are not
// taken for nothing.
#include "watcher/engine/known_work.h"

#define UNKNOWN_US 100000.0 // a file, when nothing was ever measured
#define AVERAGE_OVER 16.0   // files

struct dm_work_kind {
    // Files measured; the means are of the last ones.
    int64_t count;
    double mean_us, mean_bytes;
};

struct dm_known_work {
    // Of struct dm_work_kind, by chain.
    GHashTable *kinds;
    struct dm_work_kind any;
};

struct dm_known_work *dm_known_work_new(void) {
    struct dm_known_work *known = g_new0(struct dm_known_work, 1);
    known->kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return known;
}

void dm_known_work_free(struct dm_known_work *known) {
    if (known != NULL) {
        g_hash_table_unref(known->kinds);
        g_free(known);
    }
}

struct dm_work_kind *dm_known_work_of(struct dm_known_work *known, const char *chain) {
    struct dm_work_kind *kind = g_hash_table_lookup(known->kinds, chain);
    if (kind == NULL) {
        kind = g_new0(struct dm_work_kind, 1);
        g_hash_table_insert(known->kinds, g_strdup(chain), kind);
    }
    return kind;
}

int64_t dm_known_work_guess(const struct dm_known_work *known, const struct dm_work_kind *kind,
                            int64_t bytes) {
    const struct dm_work_kind *by = kind->count > 0 ? kind : &known->any;
    if (by->count == 0) {
        return (int64_t)UNKNOWN_US;
    }
    double size = (double)bytes / MAX(by->mean_bytes, 1.0);
    return MAX((int64_t)(by->mean_us * (1.0 + size) / 2.0), 1);
}

static void add(struct dm_work_kind *kind, double bytes, double elapsed_us) {
    kind->count++;
    double weight = 1.0 / MIN((double)kind->count, AVERAGE_OVER);
    kind->mean_us += (elapsed_us - kind->mean_us) * weight;
    kind->mean_bytes += (bytes - kind->mean_bytes) * weight;
}

void dm_known_work_learn(struct dm_known_work *known, struct dm_work_kind *kind, int64_t bytes,
                         int64_t elapsed_us) {
    add(kind, (double)bytes, (double)elapsed_us);
    add(&known->any, (double)bytes, (double)elapsed_us);
}
