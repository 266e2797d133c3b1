// SPDX-License-Identifier: MIT
//
// See deletions.h. A pass looks at all rows, in pieces; the next begins when it is time.
#include "watcher/mirror/deletions.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/mirror/object.h"
#include "watcher/mirror/source.h"

#include <errno.h>
#include <string.h>

#define PIECE_ROWS 512
#define PASS_US (DM_DELETION_APART_US / 3)
#define HOUR_US (INT64_C(3600) * G_USEC_PER_SEC)
#define MOST_AN_HOUR 100
#define SHARE_AN_HOUR 0.05

struct dm_deletions {
    struct dm_mirror *mirror;
    bool is_on;
    // A piece is with the share.
    bool is_looking;
    // Where the pass is; when the next one begins.
    int64_t after_id, next_us;
    double budget;
    int64_t budget_us;
};

/** One object on its way out. */
struct deletion {
    struct dm_deletions *deletions;
    struct dm_upload *upload;
};

double dm_deletions_budget(double before, int64_t elapsed_us, int64_t synced) {
    double an_hour = MIN(MOST_AN_HOUR, SHARE_AN_HOUR * (double)synced);
    // A whole one has to be possible, or the last few would stay for ever.
    double most = MAX(1, an_hour);
    return MIN(most, before + an_hour * (double)elapsed_us / (double)HOUR_US);
}

struct dm_deletions *dm_deletions_new(struct dm_mirror *mirror) {
    struct dm_deletions *deletions = g_new0(struct dm_deletions, 1);
    deletions->mirror = mirror;
    deletions->is_on = strcmp(mirror->settings->deletes, "mirror") == 0;
    deletions->budget_us = mirror->started_us;
    return deletions;
}

void dm_deletions_free(struct dm_deletions *deletions) {
    g_free(deletions);
}

// ---- one object

static void deletion_free(struct deletion *deletion) {
    dm_mirror_end(deletion->deletions->mirror, deletion->upload->id);
    dm_upload_free(deletion->upload);
    g_free(deletion);
}

/** Say whether the row is still what it was: no new generation was published. */
static bool is_current(const struct deletion *deletion) {
    struct dm_upload *now =
        dm_ledger_get_upload(deletion->deletions->mirror->ledger, deletion->upload->id);
    bool current = now != NULL && now->state == DM_UPLOAD_SYNCED &&
                   now->generation == deletion->upload->generation;
    dm_upload_free(now);
    return current;
}

/** The object is no more, or not ours: there is nothing to keep in step. */
static void forget(const struct deletion *deletion) {
    if (is_current(deletion)) {
        dm_ledger_forget_upload(deletion->deletions->mirror->ledger, deletion->upload->path);
    } else { // published anew meanwhile: what was there is gone, and the new one is pending
        dm_wake(&deletion->deletions->mirror->wake);
    }
}

static void removed(struct dm_transfer_op *op, void *user) {
    struct deletion *deletion = user;
    struct dm_mirror *mirror = deletion->deletions->mirror;
    dm_mirror_report(mirror, &op->result);
    if (op->result.class == DM_STORE_OK) {
        g_autofree char *path = dm_path_display(deletion->upload->path);
        dm_log_of_file(deletion->upload->path, NULL, DM_LOG_MESSAGE,
                       "deleted '%s' from %s: it is not in the outbox any more", path,
                       dm_transfer_name(mirror->transfer));
        mirror->deleted++;
        forget(deletion);
    }
    deletion_free(deletion);
}

static void looked_at(struct dm_transfer_op *op, void *user) {
    struct deletion *deletion = user;
    struct dm_mirror *mirror = deletion->deletions->mirror;
    dm_mirror_report(mirror, &op->result);
    bool is_there = op->result.class == DM_STORE_OK;
    bool is_same = is_there && strcmp(op->result.etag, deletion->upload->etag) == 0;
    if (is_same && is_current(deletion) && !mirror->is_freed) {
        dm_transfer_push(mirror->transfer,
                         dm_transfer_op_new(DM_STORE_REMOVE, op->key, removed, deletion));
        return;
    }
    if (is_there && !is_same) {
        g_autofree char *path = dm_path_display(deletion->upload->path);
        dm_log_of_file(deletion->upload->path, NULL, DM_LOG_WARNING,
                       "'%s' in %s is not what was put there: it is left alone", path,
                       dm_transfer_name(mirror->transfer));
    }
    if (op->result.class == DM_STORE_MISSING || (is_there && !is_same)) {
        forget(deletion);
    }
    deletion_free(deletion);
}

/** @upload (transfer full) */
static void begin(struct dm_deletions *deletions, struct dm_upload *upload) {
    struct dm_mirror *mirror = deletions->mirror;
    const char *why;
    g_autofree char *key = dm_object_key(mirror->settings, upload->path, &why);
    if (key == NULL || deletions->budget < 1 || !dm_mirror_begin(mirror, upload->id)) {
        dm_upload_free(upload);
        return;
    }
    deletions->budget--;
    struct deletion *deletion = g_new(struct deletion, 1);
    *deletion = (struct deletion){deletions, upload};
    dm_transfer_push(mirror->transfer, dm_transfer_op_new(DM_STORE_HEAD, key, looked_at, deletion));
}

// ---- a pass

static bool may_go(const struct dm_mirror *mirror, const struct dm_upload *upload, int64_t utc_us) {
    return upload->absent_utc_us > 0 && utc_us - upload->absent_utc_us >= DM_DELETION_APART_US &&
           mirror->now_us - mirror->started_us >= DM_DELETION_APART_US &&
           mirror->pace.state == DM_PACE_OPEN;
}

static void note_absence(struct dm_mirror *mirror, struct dm_upload *upload, int64_t absent) {
    if (upload->absent_utc_us != absent) {
        upload->absent_utc_us = absent;
        dm_ledger_save_upload(mirror->ledger, upload);
    }
}

/** The share has looked for one result. @upload (transfer full) */
static void judge(struct dm_deletions *deletions, struct dm_upload *upload, int errnum,
                  int64_t utc_us) {
    struct dm_mirror *mirror = deletions->mirror;
    if (errnum == ENOENT && may_go(mirror, upload, utc_us)) {
        begin(deletions, upload);
        return;
    }
    if (errnum == 0) {
        note_absence(mirror, upload, 0);
    } else if (errnum == ENOENT && upload->absent_utc_us == 0) {
        note_absence(mirror, upload, utc_us);
    }
    dm_upload_free(upload);
}

static void looked(GPtrArray *sources, bool done, void *user) {
    struct dm_deletions *deletions = user;
    struct dm_mirror *mirror = deletions->mirror;
    int64_t utc_us = dm_ledger_utc_us(mirror->ledger);
    mirror->jobs--;
    deletions->is_looking = false;
    for (guint i = 0; i < sources->len; i++) {
        const struct dm_source *source = sources->pdata[i];
        if (done && !mirror->is_freed) {
            judge(deletions, source->user, source->errnum, utc_us);
        } else {
            dm_upload_free(source->user);
        }
    }
    g_ptr_array_unref(sources);
    dm_wake(&mirror->wake);
}

/** Give the share the next piece. Returns false at the end of the pass. */
static bool look_at_piece(struct dm_deletions *deletions) {
    struct dm_mirror *mirror = deletions->mirror;
    g_autoptr(GPtrArray) uploads =
        dm_ledger_list_uploads(mirror->ledger, deletions->after_id, PIECE_ROWS);
    if (uploads->len == 0) {
        return false;
    }
    GPtrArray *sources = dm_sources_new();
    for (guint i = 0; i < uploads->len; i++) {
        struct dm_upload *upload = uploads->pdata[i];
        deletions->after_id = upload->id;
        if (upload->state == DM_UPLOAD_SYNCED) {
            g_ptr_array_add(sources, dm_source_new(upload->path, upload));
            uploads->pdata[i] = NULL;
        }
    }
    mirror->jobs++;
    deletions->is_looking = true;
    dm_sources_look(mirror->share, sources, looked, deletions);
    return true;
}

static void add_to_budget(struct dm_deletions *deletions, int64_t now_us) {
    int64_t counts[DM_UPLOAD_STATE_COUNT];
    dm_ledger_count_uploads(deletions->mirror->ledger, counts);
    deletions->budget = dm_deletions_budget(deletions->budget, now_us - deletions->budget_us,
                                            counts[DM_UPLOAD_SYNCED]);
    deletions->budget_us = now_us;
}

int64_t dm_deletions_turn(struct dm_deletions *deletions, int64_t now_us, int64_t utc_us) {
    (void)utc_us;
    if (!deletions->is_on || deletions->is_looking) {
        return INT64_MAX;
    }
    if (now_us >= deletions->next_us) {
        add_to_budget(deletions, now_us);
        if (look_at_piece(deletions)) {
            return INT64_MAX;
        }
        deletions->after_id = 0;
        deletions->next_us = now_us + PASS_US;
    }
    return deletions->next_us;
}
