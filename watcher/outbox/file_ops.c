// SPDX-License-Identifier: MIT
//
// File operations to the share and back: see file_ops.h.
#include "watcher/outbox/file_ops.h"

#include "common/fsutil.h"
#include "common/log.h"

#include <inttypes.h>
#include <string.h>

#define UNDER_WAY_MAX 1024
#define FORBIDDEN_US (INT64_C(3600) * G_USEC_PER_SEC)

struct dm_file_ops {
    struct dm_file_ops_config to;
    // struct job: added or sent; each frees itself when it is back.
    GPtrArray *jobs;
    // int64_t *: rows with an operation.
    GHashTable *under_way;
    // Some came back since somebody asked.
    bool news;
};

struct job {
    struct dm_file_ops *file_ops;
    const struct dm_file_op_kind *kind;
    GPtrArray *list;
    bool sent;
    // `begin` failed: nothing was done.
    GError *refusal;
};

struct dm_file_ops *dm_file_ops_new(const struct dm_file_ops_config *config) {
    struct dm_file_ops *file_ops = g_new0(struct dm_file_ops, 1);
    file_ops->to = *config;
    file_ops->jobs = g_ptr_array_new();
    file_ops->under_way = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return file_ops;
}

static void job_free(struct job *job) {
    g_ptr_array_unref(job->list);
    g_clear_error(&job->refusal);
    g_free(job);
}

void dm_file_ops_free(struct dm_file_ops *file_ops) {
    if (file_ops == NULL) {
        return;
    }
    for (guint i = 0; i < file_ops->jobs->len; i++) {
        struct job *job = file_ops->jobs->pdata[i];
        g_assert(!job->sent);
        job_free(job);
    }
    g_ptr_array_unref(file_ops->jobs);
    g_hash_table_unref(file_ops->under_way);
    g_free(file_ops);
}

bool dm_file_ops_busy(const struct dm_file_ops *file_ops, const struct dm_file_op_kind *kind) {
    for (guint i = 0; i < file_ops->jobs->len; i++) {
        const struct job *job = file_ops->jobs->pdata[i];
        if (kind == NULL || job->kind == kind) {
            return true;
        }
    }
    return false;
}

bool dm_file_ops_take_news(struct dm_file_ops *file_ops) {
    bool news = file_ops->news;
    file_ops->news = false;
    return news;
}

// ---- there

GPtrArray *dm_file_ops_list(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)dm_file_op_free);
}

bool dm_file_ops_is_full(const struct dm_file_ops *file_ops) {
    return g_hash_table_size(file_ops->under_way) >= UNDER_WAY_MAX;
}

GPtrArray *dm_file_ops_gather(struct dm_file_ops *file_ops, struct dm_query query, guint limit) {
    GPtrArray *list = dm_file_ops_list();
    if (dm_file_ops_is_full(file_ops)) {
        return list;
    }
    query.limit = (int64_t)limit + g_hash_table_size(file_ops->under_way);
    g_autoptr(GPtrArray) rows = dm_ledger_list(file_ops->to.ledger, &query);
    for (guint i = 0; i < rows->len && list->len < limit; i++) {
        struct dm_row *row = rows->pdata[i];
        if (!g_hash_table_contains(file_ops->under_way, &row->id)) {
            g_ptr_array_add(list, dm_file_op_new(row));
            rows->pdata[i] = NULL;
        }
    }
    return list;
}

/** An errno by which the share failed beneath @op; 0: none. */
static int share_errno(const struct dm_file_op *op) {
    return op->fact == DM_FACT_BLOCKED && dm_errno_is_offline(op->errnum) ? op->errnum : 0;
}

static int work(const struct dm_share_dirs *dirs, void *data) {
    struct job *job = data;
    int errnum = job->kind->begin != NULL ? job->kind->begin(dirs, &job->refusal) : 0;
    if (errnum != 0) {
        return dm_errno_is_offline(errnum) ? errnum : 0;
    }
    for (guint i = 0; i < job->list->len && errnum == 0; i++) {
        struct dm_file_op *op = job->list->pdata[i];
        job->kind->work(dirs, job->file_ops->to.settings, op);
        dm_share_progress(dirs);
        errnum = share_errno(op);
    }
    return errnum;
}

void dm_file_ops_add(struct dm_file_ops *file_ops, const struct dm_file_op_kind *kind,
                     GPtrArray *list) {
    if (list->len == 0) {
        g_ptr_array_unref(list);
        return;
    }
    for (guint i = 0; i < list->len; i++) {
        const struct dm_file_op *op = list->pdata[i];
        g_hash_table_add(file_ops->under_way, g_memdup2(&op->row->id, sizeof(int64_t)));
    }
    struct job *job = g_new(struct job, 1);
    *job = (struct job){.file_ops = file_ops, .kind = kind, .list = list};
    g_ptr_array_add(file_ops->jobs, job);
}

// ---- and back

static bool is_unchanged(const struct dm_row *row, const struct dm_row *before) {
    return row->state == before->state && row->generation == before->generation &&
           row->attempt == before->attempt && strcmp(row->temp, before->temp) == 0;
}

static void complete(const struct job *job, struct dm_file_op *op) {
    struct dm_file_ops *file_ops = job->file_ops;
    if (job->refusal != NULL) {
        op->fact = DM_FACT_BLOCKED;
        op->message = g_strdup(job->refusal->message);
    }
    bool seldom = job->kind->seldom && dm_file_op_is_forbidden(op);
    op->retry_us = MAX(file_ops->to.settings->retry_us, seldom ? FORBIDDEN_US : 0);
    DM_AUTO_ROW struct dm_row *row = dm_ledger_get(file_ops->to.ledger, op->row->id);
    if (row != NULL && is_unchanged(row, op->row)) {
        job->kind->complete(file_ops->to.outbox, row, op);
    }
}

/** One warning a job: a full disk refuses hundreds of files. */
static void warn_of_refusals(const struct job *job) {
    const char *first = NULL;
    int64_t retry_us = 0;
    unsigned count = 0;
    for (guint i = 0; i < job->list->len; i++) {
        const struct dm_file_op *op = job->list->pdata[i];
        if (op->fact == DM_FACT_BLOCKED) {
            retry_us = MAX(retry_us, op->retry_us);
            first = first != NULL ? first : op->message;
            count++;
        }
    }
    if (count > 0) {
        g_autofree char *others =
            count > 1 ? g_strdup_printf(", and %u other files", count - 1) : g_strdup("");
        dm_log_warning("%s%s, will retry in %" PRId64 " s", first, others,
                       retry_us / G_USEC_PER_SEC);
    }
}

static void back(void *data, bool done) {
    struct job *job = data;
    struct dm_file_ops *file_ops = job->file_ops;
    g_ptr_array_remove(file_ops->jobs, job);
    file_ops->news = true;
    for (guint i = 0; i < job->list->len; i++) {
        struct dm_file_op *op = job->list->pdata[i];
        g_hash_table_remove(file_ops->under_way, &op->row->id);
        if (done) {
            complete(job, op);
        }
    }
    if (done) {
        warn_of_refusals(job);
    }
    dm_wake(file_ops->to.wake);
    job_free(job);
}

void dm_file_ops_flush(struct dm_file_ops *file_ops) {
    for (guint i = 0; i < file_ops->jobs->len; i++) {
        struct job *job = file_ops->jobs->pdata[i];
        if (!job->sent) {
            job->sent = true;
            dm_share_push(file_ops->to.share, work, back, job);
        }
    }
}
