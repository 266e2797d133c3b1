// SPDX-License-Identifier: MIT
//
// Counting moves: see metrics_counts.h.
#include "watcher/metrics_counts.h"

#include "common/reason.h"

#include <string.h>

const double dm_stage_bounds_s[DM_STAGE_BUCKETS] = {0.01, 0.05, 0.1, 0.5, 1,    5,
                                                    10,   30,   60,  300, 1800, 3600};

/** Adding a stage: a row here. */
static const struct {
    const char *name;
    enum dm_state from;
    enum dm_fact fact;
} stages[] = {
    {"settle", DM_STATE_SEEN, DM_FACT_SETTLED},
    {"wait", DM_STATE_READY, DM_FACT_DISPATCHED},
    {"process", DM_STATE_RUNNING, DM_FACT_COMPUTED},
    {"publish", DM_STATE_COMPUTED, DM_FACT_PUBLISHED},
    {"retire", DM_STATE_PUBLISHED, DM_FACT_RETIRED},
};

struct dm_metrics_counts {
    struct dm_ledger *ledger;
    const struct dm_catalogue *catalogue;
    GHashTable *recipes;
    // Labels (char *) -> int64_t *.
    GHashTable *values[DM_COUNT_COUNT];
    struct dm_stage stages[G_N_ELEMENTS(stages)];
    // "JOB BATCH" (char *) -> struct batch *, of those that are in work.
    GHashTable *batches;
};

struct batch {
    int64_t in_work, made, lost;
};

static void add(struct dm_metrics_counts *counts, enum dm_count count, const char *labels,
                int64_t more) {
    int64_t *value = g_hash_table_lookup(counts->values[count], labels);
    if (value == NULL) {
        value = g_new0(int64_t, 1);
        g_hash_table_insert(counts->values[count], g_strdup(labels), value);
    }
    *value += more;
}

// ---- what of

/** Up to the first @end. */
static char *text_before(const char *text, char end) {
    const char *at = strchr(text, end);
    return at != NULL ? g_strndup(text, (size_t)(at - text)) : g_strdup(text);
}

/** The operation that @step is of, with the dashes that its name may have; NULL: none. */
static const struct dm_operation *operation_of(const struct dm_catalogue *catalogue,
                                               const char *step) {
    g_autofree char *word = g_strdup(step);
    for (;;) {
        const struct dm_operation *operation = dm_catalogue_find(catalogue, word);
        char *dash = strrchr(word, '-');
        if (operation != NULL || dash == NULL) {
            return operation;
        }
        *dash = '\0';
    }
}

char *dm_metrics_operation(const struct dm_catalogue *catalogue, GHashTable *recipes,
                           const char *path, const char *chain) {
    g_autofree char *folder = text_before(path, '/');
    g_autofree char *named = text_before(folder, '_');
    if (recipes != NULL && g_hash_table_contains(recipes, named)) {
        return g_steal_pointer(&named);
    }
    g_autofree char *step = text_before(chain, '_');
    const struct dm_operation *operation = operation_of(catalogue, step);
    return g_strdup(operation != NULL ? operation->name : "other");
}

static void add_processed(struct dm_metrics_counts *counts, const struct dm_row *row,
                          const char *result) {
    g_autofree char *operation =
        dm_metrics_operation(counts->catalogue, counts->recipes, row->path, row->chain);
    g_autofree char *labels = g_strdup_printf("operation=\"%s\",result=\"%s\"", operation, result);
    add(counts, DM_COUNT_PROCESSED, labels, 1);
}

// ---- what has happened

static void note_result(struct dm_metrics_counts *counts, const struct dm_row *row) {
    add_processed(counts, row, "done");
    add(counts, DM_COUNT_INPUT_BYTES, "", row->fingerprint.size_bytes);
    add(counts, DM_COUNT_OUTPUT_BYTES, "", row->bytes);
    add(counts, DM_COUNT_PIXELS, "", row->width_px * row->height_px);
}

static void note_failure(struct dm_metrics_counts *counts, const struct dm_row *row) {
    g_autofree char *reason = g_strdup_printf("reason=\"%s\"", dm_reason_name(row->reason));
    add_processed(counts, row, row->reason == DM_REASON_STOPPED ? "stopped" : "failed");
    add(counts, DM_COUNT_FAILURES, reason, 1);
}

static void note_stage(struct dm_metrics_counts *counts, enum dm_state from, enum dm_fact fact,
                       int64_t us) {
    for (size_t i = 0; i < G_N_ELEMENTS(stages); i++) {
        struct dm_stage *stage = &counts->stages[i];
        if (stages[i].from != from || stages[i].fact != fact) {
            continue;
        }
        int64_t took_us = MAX(0, us); // a clock may be set back
        stage->count++;
        stage->sum_us += took_us;
        for (size_t k = 0; k < DM_STAGE_BUCKETS; k++) {
            if ((double)took_us <= dm_stage_bounds_s[k] * G_USEC_PER_SEC) {
                stage->buckets[k]++;
                return;
            }
        }
    }
}

/** A row is in work, or not any more: its batch ends with the last. */
static void note_batch(struct dm_metrics_counts *counts, const struct dm_row *row,
                       enum dm_fact fact) {
    g_autofree char *key =
        g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, row->job, row->batch);
    struct batch *batch = g_hash_table_lookup(counts->batches, key);
    if (fact == DM_FACT_DISPATCHED) {
        if (batch == NULL) {
            batch = g_new0(struct batch, 1);
            g_hash_table_insert(counts->batches, g_steal_pointer(&key), batch);
        }
        batch->in_work++;
    } else if (batch != NULL) { // else it is of an earlier daemon
        batch->made += fact == DM_FACT_COMPUTED;
        batch->lost += fact == DM_FACT_LOST;
        if (--batch->in_work == 0) {
            const char *result = batch->lost > 0   ? "result=\"lost\""
                                 : batch->made > 0 ? "result=\"done\""
                                                   : "result=\"failed\"";
            add(counts, DM_COUNT_BATCHES, result, 1);
            g_hash_table_remove(counts->batches, key);
        }
    }
}

static void on_move(const struct dm_row *row, enum dm_state from, enum dm_fact fact, int64_t us,
                    void *data) {
    struct dm_metrics_counts *counts = data;
    note_stage(counts, from, fact, us);
    if (from == DM_STATE_RUNNING || fact == DM_FACT_DISPATCHED) {
        note_batch(counts, row, fact);
    }
    if (fact == DM_FACT_PUBLISHED) {
        note_result(counts, row);
    } else if (fact == DM_FACT_REFUSED || fact == DM_FACT_STOPPED) {
        note_failure(counts, row);
    } else if (fact == DM_FACT_DISPATCHED && row->attempt > 1) {
        add(counts, DM_COUNT_RETRIES, "", 1);
    }
}

// ---- read

/** What grows from nothing is told from the start: else its first step would be seen by nobody. */
static void begin_at_0(struct dm_metrics_counts *counts) {
    static const enum dm_count plain[] = {DM_COUNT_RETRIES, DM_COUNT_INPUT_BYTES,
                                          DM_COUNT_OUTPUT_BYTES, DM_COUNT_PIXELS};
    static const char *const results[] = {"result=\"done\"", "result=\"failed\"",
                                          "result=\"lost\""};
    for (size_t i = 0; i < G_N_ELEMENTS(plain); i++) {
        add(counts, plain[i], "", 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(results); i++) {
        add(counts, DM_COUNT_BATCHES, results[i], 0);
    }
    for (int i = DM_REASON_NONE + 1; i < DM_REASON_COUNT; i++) {
        g_autofree char *reason =
            g_strdup_printf("reason=\"%s\"", dm_reason_name((enum dm_reason)i));
        add(counts, DM_COUNT_FAILURES, reason, 0);
    }
}

struct dm_metrics_counts *dm_metrics_counts_new(struct dm_ledger *ledger,
                                                const struct dm_catalogue *catalogue,
                                                GHashTable *recipes) {
    struct dm_metrics_counts *counts = g_new0(struct dm_metrics_counts, 1);
    counts->ledger = ledger;
    counts->catalogue = catalogue;
    counts->recipes = recipes;
    counts->batches = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (int i = 0; i < DM_COUNT_COUNT; i++) {
        counts->values[i] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(stages); i++) {
        counts->stages[i].name = stages[i].name;
    }
    begin_at_0(counts);
    dm_ledger_on_move(ledger, on_move, counts);
    return counts;
}

void dm_metrics_counts_free(struct dm_metrics_counts *counts) {
    if (counts == NULL) {
        return;
    }
    dm_ledger_off_move(counts->ledger, counts);
    for (int i = 0; i < DM_COUNT_COUNT; i++) {
        g_hash_table_destroy(counts->values[i]);
    }
    g_hash_table_destroy(counts->batches);
    g_free(counts);
}

void dm_metrics_counts_each(const struct dm_metrics_counts *counts, enum dm_count count,
                            void (*each)(const char *labels, int64_t value, void *data),
                            void *data) {
    GList *keys = g_list_sort(g_hash_table_get_keys(counts->values[count]), (GCompareFunc)strcmp);
    for (const GList *key = keys; key != NULL; key = key->next) {
        each(key->data, *(int64_t *)g_hash_table_lookup(counts->values[count], key->data), data);
    }
    g_list_free(keys);
}

const struct dm_stage *dm_metrics_counts_stages(const struct dm_metrics_counts *counts,
                                                size_t *ret_count) {
    *ret_count = G_N_ELEMENTS(stages);
    return counts->stages;
}
