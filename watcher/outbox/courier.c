// SPDX-License-Identifier: MIT
//
// Errands to the lane and back: see courier.h.
#include "watcher/outbox/courier.h"

#include "common/log.h"

#include <inttypes.h>
#include <string.h>

#define UNDER_WAY_MAX 1024
#define OFFLINE_MIN_US G_USEC_PER_SEC
#define OFFLINE_MAX_US (INT64_C(30) * G_USEC_PER_SEC)

struct dm_courier {
    struct dm_courier_config to;
    GPtrArray *jobs;       // struct job: on the lane; each frees itself when it is home
    GHashTable *under_way; // int64_t *: rows with an errand
    bool news;             // an errand came home since somebody asked
    GError *offline;       // why the share was not there for the job that came home last
    int64_t backoff_us;    // 0: it was there
    int64_t offline_until_us;
};

struct job {
    struct dm_courier *courier;
    const struct dm_errand_kind *kind;
    GPtrArray *errands;
    bool made;       // else: nothing was done
    GError *offline; // not made: the share was not there
    GError *refusal; // not made: `begin` failed
};

struct dm_courier *dm_courier_new(const struct dm_courier_config *config) {
    struct dm_courier *courier = g_new0(struct dm_courier, 1);
    courier->to = *config;
    courier->jobs = g_ptr_array_new();
    courier->under_way = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    courier->offline_until_us = INT64_MIN;
    return courier;
}

void dm_courier_free(struct dm_courier *courier) {
    if (courier == NULL) {
        return;
    }
    g_assert(courier->jobs->len == 0);
    g_ptr_array_unref(courier->jobs);
    g_hash_table_unref(courier->under_way);
    g_clear_error(&courier->offline);
    g_free(courier);
}

bool dm_courier_busy(const struct dm_courier *courier, const struct dm_errand_kind *kind) {
    for (guint i = 0; i < courier->jobs->len; i++) {
        const struct job *job = courier->jobs->pdata[i];
        if (kind == NULL || job->kind == kind) {
            return true;
        }
    }
    return false;
}

bool dm_courier_take_news(struct dm_courier *courier) {
    bool news = courier->news;
    courier->news = false;
    return news;
}

// ---- there

GPtrArray *dm_courier_errands(void) {
    return g_ptr_array_new_with_free_func((GDestroyNotify)dm_errand_free);
}

GPtrArray *dm_courier_gather(struct dm_courier *courier, struct dm_query query, guint limit) {
    GPtrArray *errands = dm_courier_errands();
    guint under_way = g_hash_table_size(courier->under_way);
    if (under_way >= UNDER_WAY_MAX) {
        return errands;
    }
    query.limit = (int64_t)limit + under_way;
    GPtrArray *rows = dm_ledger_list(courier->to.ledger, &query);
    for (guint i = 0; i < rows->len && errands->len < limit; i++) {
        struct dm_row *row = rows->pdata[i];
        if (!g_hash_table_contains(courier->under_way, &row->id)) {
            g_ptr_array_add(errands, dm_errand_new(row));
            rows->pdata[i] = NULL;
        }
    }
    g_ptr_array_unref(rows);
    return errands;
}

static void work(void *data) {
    struct job *job = data;
    const struct dm_courier_config *to = &job->courier->to;
    if (!dm_roots_check(to->roots, &job->offline) ||
        (job->kind->begin != NULL && !job->kind->begin(to->roots, &job->refusal))) {
        return;
    }
    for (guint i = 0; i < job->errands->len; i++) {
        job->kind->work(to->roots, to->config, job->errands->pdata[i]);
    }
    job->made = true;
}

static void done(void *data);

void dm_courier_send(struct dm_courier *courier, const struct dm_errand_kind *kind,
                     GPtrArray *errands) {
    if (errands->len == 0) {
        g_ptr_array_unref(errands);
        return;
    }
    for (guint i = 0; i < errands->len; i++) {
        const struct dm_errand *errand = errands->pdata[i];
        g_hash_table_add(courier->under_way, g_memdup2(&errand->row->id, sizeof(int64_t)));
    }
    struct job *job = g_new(struct job, 1);
    *job = (struct job){.courier = courier, .kind = kind, .errands = errands};
    g_ptr_array_add(courier->jobs, job);
    dm_lane_push(courier->to.lane, work, done, job);
}

// ---- and back

static bool is_unchanged(const struct dm_row *row, const struct dm_row *before) {
    return row->state == before->state && row->generation == before->generation &&
           row->attempt == before->attempt && strcmp(row->temp, before->temp) == 0;
}

static void come_home(const struct job *job, struct dm_errand *errand) {
    struct dm_courier *courier = job->courier;
    g_hash_table_remove(courier->under_way, &errand->row->id);
    if (job->refusal != NULL) {
        errand->fact = DM_FACT_BLOCKED;
        errand->message = g_strdup(job->refusal->message);
    } else if (!job->made) {
        return;
    }
    DM_AUTO_ROW struct dm_row *row = dm_ledger_get(courier->to.ledger, errand->row->id);
    if (row != NULL && is_unchanged(row, errand->row)) {
        job->kind->done(courier->to.outbox, row, errand);
    }
}

/** One warning a job: a full disk refuses hundreds of files. */
static void warn_of_refusals(const struct job *job) {
    const char *first = NULL;
    unsigned count = 0;
    for (guint i = 0; i < job->errands->len; i++) {
        const struct dm_errand *errand = job->errands->pdata[i];
        if (errand->fact == DM_FACT_BLOCKED) {
            first = first != NULL ? first : errand->message;
            count++;
        }
    }
    if (count > 0) {
        g_autofree char *others =
            count > 1 ? g_strdup_printf(", and %u other files", count - 1) : g_strdup("");
        dm_log_warning("%s%s, will retry in %" PRId64 " s", first, others,
                       job->courier->to.config->settings.retry_us / G_USEC_PER_SEC);
    }
}

/** Remember that the share was there or was not. */
static void note_weather(struct job *job) {
    struct dm_courier *courier = job->courier;
    if (job->offline != NULL) {
        g_clear_error(&courier->offline);
        courier->offline = g_steal_pointer(&job->offline);
    } else if (job->made && courier->backoff_us > 0) {
        courier->backoff_us = 0;
        courier->offline_until_us = INT64_MIN;
        g_clear_error(&courier->offline);
        dm_log_message("the share '%s' is back", courier->to.config->share);
    }
}

static void done(void *data) {
    struct job *job = data;
    struct dm_courier *courier = job->courier;
    g_ptr_array_remove(courier->jobs, job);
    courier->news = true;
    note_weather(job);
    for (guint i = 0; i < job->errands->len; i++) {
        come_home(job, job->errands->pdata[i]);
    }
    warn_of_refusals(job);
    dm_wake(courier->to.wake);
    g_ptr_array_unref(job->errands);
    g_clear_error(&job->refusal);
    g_free(job);
}

int64_t dm_courier_offline_until(struct dm_courier *courier, int64_t now_us) {
    if (courier->offline != NULL && now_us >= courier->offline_until_us) {
        if (courier->backoff_us == 0) {
            dm_log_warning("%s, will retry every %d to %d s", courier->offline->message,
                           (int)(OFFLINE_MIN_US / G_USEC_PER_SEC),
                           (int)(OFFLINE_MAX_US / G_USEC_PER_SEC));
        }
        courier->backoff_us = CLAMP(courier->backoff_us * 2, OFFLINE_MIN_US, OFFLINE_MAX_US);
        courier->offline_until_us = now_us + courier->backoff_us;
        g_clear_error(&courier->offline);
    }
    return now_us < courier->offline_until_us ? courier->offline_until_us : INT64_MIN;
}
