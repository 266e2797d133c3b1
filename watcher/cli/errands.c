// SPDX-License-Identifier: MIT
//
// See errands.h. An errand is in `waiting` until its time and its turn have come, then with the
// store; dm_errand_back() ends it or puts it back.
#include "watcher/cli/errands.h"

#include "common/error.h"
#include "watcher/store/pace.h"
#include "watcher/store/retry.h"

#define MAX_ATTEMPTS 10
#define MAX_BYTES (INT64_C(128) << 20)
#define CREDENTIALS_DELAY_US (1 * (int64_t)G_USEC_PER_SEC)
// So long nothing but failures: at the beginning, when something may be misspelt; later.
#define FIRST_PATIENCE_US (10 * (int64_t)G_USEC_PER_SEC)
#define PATIENCE_US (90 * (int64_t)G_USEC_PER_SEC)

struct dm_errands {
    struct dm_store *store;
    struct dm_pace pace;
    GRand *chance;
    // struct dm_errand: in the order in which they were pushed.
    GQueue waiting;
    // Of those with the store.
    size_t running;
    int64_t bytes;
    bool is_cancelling;
    // Somebody has answered, ever; nobody has since (0: the last one did).
    bool has_worked;
    int64_t silent_us;
    char *last_reason;
    // Why there is no use in going on.
    GError *failure;
};

struct dm_errand *dm_errand_new(dm_errand_start_fn start, dm_errand_end_fn end, void *user,
                                const char *key) {
    struct dm_errand *errand = g_new0(struct dm_errand, 1);
    *errand = (struct dm_errand){.start = start, .end = end, .user = user, .key = g_strdup(key)};
    return errand;
}

static void end(struct dm_errand *errand, const struct dm_store_result *result) {
    errand->end(errand, result);
    g_free(errand->key);
    g_free(errand);
}

/** Say whether there was an answer of somebody who is well, whatever it says. */
static bool is_answer(enum dm_store_class class) {
    return class != DM_STORE_TRANSPORT && class != DM_STORE_SERVER && class != DM_STORE_THROTTLE &&
           class != DM_STORE_CREDENTIALS && class != DM_STORE_SOURCE && class != DM_STORE_CANCELLED;
}

static void note(struct dm_errands *errands, const struct dm_store_result *result, int64_t now_us) {
    dm_pace_report(&errands->pace, result->class, result->retry_after_us, now_us,
                   g_rand_double(errands->chance));
    if (is_answer(result->class)) {
        errands->has_worked = true;
        errands->silent_us = 0;
    } else if (result->class != DM_STORE_SOURCE && result->class != DM_STORE_CANCELLED) {
        errands->silent_us = errands->silent_us != 0 ? errands->silent_us : now_us;
        g_free(errands->last_reason);
        errands->last_reason = g_strdup(result->reason);
    }
    if (result->class == DM_STORE_ENDPOINT && errands->failure == NULL) {
        dm_fail(&errands->failure, DM_ERROR_REMOTE, "%s", result->reason);
    }
}

/** What no further attempt would mend, whatever retry.h says of a file that may come back. */
static bool is_final(enum dm_store_class class) {
    return class == DM_STORE_OK || class == DM_STORE_MISSING || class == DM_STORE_SOURCE ||
           class == DM_STORE_MULTIPART || class == DM_STORE_ENDPOINT || class == DM_STORE_CANCELLED;
}

void dm_errand_back(const struct dm_store_result *result, void *user) {
    struct dm_errand *errand = user;
    struct dm_errands *errands = errand->errands;
    int64_t now_us = g_get_monotonic_time();
    errands->running--;
    errands->bytes -= errand->bytes;
    note(errands, result, now_us);
    struct dm_retry_decision decision =
        dm_retry_decide(result, errand->attempts, g_rand_double(errands->chance));
    errand->attempts += decision.counts ? 1 : 0;
    if (is_final(result->class) || decision.verdict == DM_RETRY_PARK ||
        errand->attempts >= MAX_ATTEMPTS || errands->is_cancelling) {
        end(errand, result);
        return;
    }
    errand->due_us = now_us + MAX(decision.delay_us,
                                  result->class == DM_STORE_CREDENTIALS ? CREDENTIALS_DELAY_US : 0);
    g_queue_push_tail(&errands->waiting, errand);
}

struct dm_errands *dm_errands_new(struct dm_store *store) {
    struct dm_errands *errands = g_new0(struct dm_errands, 1);
    errands->store = store;
    errands->chance = g_rand_new();
    g_queue_init(&errands->waiting);
    dm_pace_init(&errands->pace, dm_store_connections(store));
    return errands;
}

static void end_cancelled(struct dm_errand *errand) {
    const struct dm_store_result cancelled = {.class = DM_STORE_CANCELLED,
                                              .reason = "stopped",
                                              .code = "",
                                              .etag = "",
                                              .sha256 = "",
                                              .size = -1};
    end(errand, &cancelled);
}

void dm_errands_push(struct dm_errands *errands, struct dm_errand *errand) {
    errand->errands = errands;
    if (errands->is_cancelling) {
        end_cancelled(errand);
    } else {
        g_queue_push_tail(&errands->waiting, errand);
    }
}

/** Say whether one more of @bytes may be started. */
static bool has_room(const struct dm_errands *errands, int64_t bytes, int64_t now_us) {
    return errands->running < dm_pace_limit(&errands->pace, now_us) &&
           (errands->running == 0 || errands->bytes + bytes <= MAX_BYTES);
}

static void start_due(struct dm_errands *errands, int64_t now_us) {
    GList *next;
    for (GList *at = errands->waiting.head; at != NULL; at = next) {
        struct dm_errand *errand = at->data;
        next = at->next;
        if (errand->due_us > now_us) {
            continue;
        }
        if (!has_room(errands, errand->bytes, now_us)) {
            return;
        }
        g_queue_delete_link(&errands->waiting, at);
        errands->running++;
        errands->bytes += errand->bytes;
        errand->start(errands->store, errand);
    }
}

bool dm_errands_turn(struct dm_errands *errands, int max_wait_ms, GError **error) {
    start_due(errands, g_get_monotonic_time());
    dm_store_turn(errands->store, max_wait_ms);
    int64_t now_us = g_get_monotonic_time();
    start_due(errands, now_us);
    int64_t patience_us = errands->has_worked ? PATIENCE_US : FIRST_PATIENCE_US;
    if (errands->failure == NULL && errands->silent_us != 0 &&
        now_us - errands->silent_us > patience_us) {
        dm_fail(&errands->failure, DM_ERROR_REMOTE, "%s does not answer: %s",
                dm_store_name(errands->store), errands->last_reason);
    }
    if (errands->failure != NULL && error != NULL) {
        *error = g_error_copy(errands->failure);
    }
    return errands->failure == NULL;
}

size_t dm_errands_load(const struct dm_errands *errands) {
    return errands->running + g_queue_get_length((GQueue *)&errands->waiting);
}

int64_t dm_errands_sent_bytes(const struct dm_errands *errands) {
    struct dm_store_status status;
    dm_store_status(errands->store, &status);
    return status.sent_bytes;
}

const char *dm_errands_place(const struct dm_errands *errands) {
    return dm_store_name(errands->store);
}

void dm_errands_cancel(struct dm_errands *errands) {
    errands->is_cancelling = true;
    dm_store_cancel_all(errands->store);
    for (struct dm_errand *errand; (errand = g_queue_pop_head(&errands->waiting)) != NULL;) {
        end_cancelled(errand);
    }
    errands->is_cancelling = false;
}

void dm_errands_free(struct dm_errands *errands) {
    if (errands == NULL) {
        return;
    }
    dm_errands_cancel(errands);
    dm_store_free(errands->store);
    g_rand_free(errands->chance);
    g_free(errands->last_reason);
    g_clear_error(&errands->failure);
    g_free(errands);
}
