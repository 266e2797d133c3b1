// SPDX-License-Identifier: MIT
//
// See duties.h.
#include "watcher/s3_inbox/duties.h"

#include "common/log.h"
#include "common/log_event.h"
#include "common/path.h"
#include "watcher/s3_inbox/after.h"
#include "watcher/s3_inbox/answer.h"
#include "watcher/s3_inbox/files.h"
#include "watcher/s3_inbox/listing.h"

#include <errno.h>

#define AT_ONCE 64
// A file in the way is looked at again after a second, and some more as if after so many tries.
#define WAIT_US G_USEC_PER_SEC
#define WAITS 4

// ---- placing

/** It is neither in its temporary nor in its place: it was there and has gone on, or it never was.
 */
static void look_for(struct dm_s3_inbox *inbox, struct dm_arrival *arrival) {
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(inbox->ledger, arrival->path);
    if (row != NULL && row->fingerprint.size_bytes == arrival->file.size_bytes &&
        row->fingerprint.mtime_ns == arrival->file.mtime_ns) {
        dm_ledger_take_arrival(inbox->ledger, arrival);
    } else {
        dm_ledger_forget_arrival(inbox->ledger, arrival);
        dm_s3_listing_again(inbox->listing); // and fetched anew
    }
}

static void place_one(struct dm_s3_inbox *inbox, struct dm_arrival *arrival,
                      const struct dm_s3_file *file) {
    g_autofree char *shown = dm_path_display(arrival->path);
    switch (file->end) {
    case DM_S3_FILE_GOOD:
        inbox->taken++;
        dm_ledger_take_arrival(inbox->ledger, arrival);
        dm_log_of_file(arrival->path, DM_EVENT_TAKEN, DM_LOG_INFO, "took '%s' out of the bucket",
                       shown);
        break;
    case DM_S3_FILE_GONE:
        look_for(inbox, arrival);
        break;
    case DM_S3_FILE_WAITS:
        arrival->attempts = MIN(arrival->attempts, WAITS);
        dm_s3_put_off(inbox, arrival, WAIT_US);
        break;
    default:
        dm_s3_set_shortage(inbox, g_strdup_printf("cannot put '%s' into the inbox: %s", shown,
                                                  g_strerror(file->errnum)));
        dm_s3_put_off(inbox, arrival, WAIT_US);
        break;
    }
}

static void placed(GPtrArray *files, bool done, void *user) {
    struct dm_s3_inbox *inbox = user;
    inbox->jobs--;
    for (guint i = 0; i < files->len; i++) {
        const struct dm_s3_file *file = files->pdata[i];
        struct dm_arrival *arrival = file->user;
        if (done) {
            place_one(inbox, arrival, file);
        }
        dm_s3_end(inbox, arrival->key);
        dm_arrival_free(arrival);
    }
    g_ptr_array_unref(files);
}

/** @arrivals: those of FETCHED that nobody works on; what is begun with is stolen. */
static void place(struct dm_s3_inbox *inbox, GPtrArray *arrivals) {
    GPtrArray *files = dm_s3_files_new();
    for (guint i = 0; i < arrivals->len; i++) {
        struct dm_arrival *arrival = arrivals->pdata[i];
        if (dm_s3_begin(inbox, arrival->key)) {
            struct dm_s3_file *file =
                dm_s3_file_new(arrival->path, arrival->temp, arrival->file.size_bytes, arrival);
            file->print = arrival->file;
            g_ptr_array_add(files, file);
            arrivals->pdata[i] = NULL;
        }
    }
    if (files->len > 0) {
        inbox->jobs++;
        dm_s3_files_place(inbox->share, files, placed, inbox);
    } else {
        g_ptr_array_unref(files);
    }
}

// ---- all of them

static void answer_all(struct dm_s3_inbox *inbox, GPtrArray *arrivals) {
    for (guint i = 0; i < arrivals->len; i++) {
        struct dm_arrival *arrival = arrivals->pdata[i];
        if (dm_s3_begin(inbox, arrival->key)) {
            dm_s3_answer_put(inbox, g_steal_pointer(&arrivals->pdata[i]));
        }
    }
}

static void finish_all(struct dm_s3_inbox *inbox, GPtrArray *arrivals) {
    for (guint i = 0; i < arrivals->len; i++) {
        struct dm_arrival *arrival = arrivals->pdata[i];
        if (dm_s3_begin(inbox, arrival->key)) {
            dm_s3_after(inbox, g_steal_pointer(&arrivals->pdata[i]));
        }
    }
}

/** To add one: a row. */
static const struct {
    enum dm_arrival_state state;
    bool needs_share;
    // What is begun with is stolen from the array; the keys are begun with.
    void (*begin)(struct dm_s3_inbox *inbox, GPtrArray *arrivals);
} duties[] = {
    {DM_ARRIVAL_FETCHED, true, place},
    {DM_ARRIVAL_ENDED, false, answer_all},
    {DM_ARRIVAL_ANSWERED, false, finish_all},
};

/** Begin with those in one state that are due, and learn when the next one is. */
static void look_at(struct dm_s3_inbox *inbox, size_t duty, int64_t utc_us) {
    int64_t limit = AT_ONCE + (int64_t)g_hash_table_size(inbox->in_work);
    g_autoptr(GPtrArray) rows =
        dm_ledger_due_arrivals(inbox->ledger, duties[duty].state, INT64_MAX, limit);
    guint due = 0;
    while (due < rows->len &&
           ((const struct dm_arrival *)rows->pdata[due])->not_before_utc_us <= utc_us) {
        due++;
    }
    if (due < rows->len) {
        const struct dm_arrival *next = rows->pdata[due];
        inbox->due_utc_us = MIN(inbox->due_utc_us, next->not_before_utc_us);
    }
    g_ptr_array_set_size(rows, (gint)due);
    duties[duty].begin(inbox, rows);
}

static bool has_to_look(const struct dm_s3_inbox *inbox, int64_t utc_us) {
    return inbox->look || inbox->queued != dm_ledger_arrivals_queued(inbox->ledger) ||
           utc_us >= inbox->due_utc_us;
}

void dm_s3_duties_committed(struct dm_s3_inbox *inbox) {
    int64_t utc_us = dm_ledger_utc_us(inbox->ledger);
    if (!inbox->is_clean || !has_to_look(inbox, utc_us)) {
        return;
    }
    int64_t counts[DM_ARRIVAL_STATE_COUNT];
    dm_ledger_count_arrivals(inbox->ledger, counts);
    inbox->queued = dm_ledger_arrivals_queued(inbox->ledger);
    inbox->look = false;
    inbox->due_utc_us = INT64_MAX;
    bool is_online = dm_share_is_online(inbox->share);
    for (size_t i = 0; i < G_N_ELEMENTS(duties); i++) {
        if (counts[duties[i].state] > 0 && (is_online || !duties[i].needs_share)) {
            look_at(inbox, i, utc_us);
        }
    }
    if (inbox->due_utc_us < INT64_MAX) {
        dm_wake(&inbox->wake); // the turn that is over did not know
    }
}
