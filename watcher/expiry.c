// SPDX-License-Identifier: MIT
//
// Expiry: see expiry.h.
#include "watcher/expiry.h"

#include "watcher/ledger/expiry.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>

#define HOUR_US (INT64_C(3600) * G_USEC_PER_SEC)
// Between two pieces: the loop is ours for a tenth of the time at most.
#define PAUSE_US INT64_C(100000)
#define PIECE 200

struct dm_expiry {
    struct dm_expiry_config config;
    // When rows are looked at next, and names.
    int64_t rows_us, names_us;
    // Names: behind this one; NULL: not under way.
    char *after;
    // A job of the share has `idle`, char *: names of results whose input is forgotten. When it is
    // back they are those that no file has.
    bool busy;
    GPtrArray *idle;
};

/** Keep of the names those that no file has. What cannot be looked at may be there. */
static int look(const struct dm_share_dirs *dirs, void *job) {
    const struct dm_expiry *expiry = job;
    for (guint i = expiry->idle->len; i > 0; i--) {
        struct stat status;
        const char *name = g_ptr_array_index(expiry->idle, i - 1);
        int there = fstatat(dirs->rooms[DM_SHARE_OUTBOX], name, &status, AT_SYMLINK_NOFOLLOW);
        if (there == 0 || (errno != ENOENT && errno != ENOTDIR)) {
            g_ptr_array_remove_index_fast(expiry->idle, i - 1);
        }
        dm_share_progress(dirs);
    }
    return 0;
}

static void looked(void *job, bool done) {
    struct dm_expiry *expiry = job;
    int64_t before_utc_us = dm_ledger_utc_us(expiry->config.ledger) - expiry->config.keep_us;
    for (guint i = 0; done && i < expiry->idle->len; i++) {
        dm_ledger_forget_output(expiry->config.ledger, g_ptr_array_index(expiry->idle, i),
                                !expiry->config.mirror_deletes, before_utc_us);
    }
    g_ptr_array_set_size(expiry->idle, 0);
    expiry->busy = false;
    dm_wake(&expiry->config.wake);
}

/** The next names. */
static void go_on(struct dm_expiry *expiry, int64_t now_us) {
    char *last = dm_ledger_idle_outputs(expiry->config.ledger, expiry->after, PIECE, expiry->idle);
    g_free(expiry->after);
    expiry->after = last;
    expiry->names_us = now_us + (last != NULL ? PAUSE_US : 24 * HOUR_US);
    if (expiry->idle->len > 0) {
        expiry->busy = true;
        dm_share_push(expiry->config.share, look, looked, expiry);
    }
}

static void look_at_names(struct dm_expiry *expiry, int64_t now_us) {
    if (now_us < expiry->names_us || expiry->busy || !dm_share_is_online(expiry->config.share)) {
        return;
    }
    if (expiry->after == NULL) {
        expiry->after = g_strdup("");
    }
    go_on(expiry, now_us);
}

int64_t dm_expiry_turn(struct dm_expiry *expiry, int64_t now_us) {
    const struct dm_expiry_config *config = &expiry->config;
    if (config->keep_us == INT64_MAX) {
        return INT64_MAX;
    }
    if (now_us >= expiry->rows_us) {
        int64_t before_utc_us = dm_ledger_utc_us(config->ledger) - config->keep_us;
        bool more = dm_ledger_expire(config->ledger, before_utc_us, !config->leave, PIECE);
        expiry->rows_us = now_us + (more ? PAUSE_US : HOUR_US);
    }
    look_at_names(expiry, now_us);
    bool waits = expiry->busy || !dm_share_is_online(config->share); // whatever ends that wakes us
    return waits ? expiry->rows_us : MIN(expiry->rows_us, expiry->names_us);
}

struct dm_expiry *dm_expiry_new(const struct dm_expiry_config *config) {
    struct dm_expiry *expiry = g_new(struct dm_expiry, 1);
    *expiry = (struct dm_expiry){
        .config = *config,
        .rows_us = config->now_us + HOUR_US,
        .names_us = config->now_us + 2 * HOUR_US,
        .idle = g_ptr_array_new_with_free_func(g_free),
    };
    return expiry;
}

void dm_expiry_free(struct dm_expiry *expiry) {
    if (expiry != NULL) {
        g_ptr_array_unref(expiry->idle);
        g_free(expiry->after);
        g_free(expiry);
    }
}
