// SPDX-License-Identifier: MIT
#include "watcher/store/credentials.h"

#include "common/error.h"

#include <pthread.h>

#define EARLY_US (600 * INT64_C(1000000))
#define FIRST_DELAY_US (5 * INT64_C(1000000))
#define LAST_DELAY_US (60 * INT64_C(1000000))

struct dm_credentials {
    struct dm_credentials_hints hints;
    void (*wake)(void *user);
    void *user;

    struct dm_credentials_set set;
    bool has_set, is_refused;
    unsigned generation;
    // When to fetch others, of those that expire.
    int64_t renew_utc_us;
    GError *error;
    // After a failure: monotonic.
    int64_t not_before_us, delay_us;

    // ---- the search: its own while it runs, ours before and afterwards
    bool is_searching;
    pthread_t thread;
    atomic_bool stop, is_done;
    struct dm_credentials_set found;
    GError *failure;
};

struct dm_credentials *dm_credentials_new(struct dm_credentials_hints *hints,
                                          void (*wake)(void *user), void *user) {
    struct dm_credentials *c = g_new0(struct dm_credentials, 1);
    c->hints = *hints;
    *hints = (struct dm_credentials_hints){0};
    c->wake = wake;
    c->user = user;
    c->has_set = dm_credentials_look_fixed(&c->hints, &c->set);
    return c;
}

static void *search(void *user) {
    struct dm_credentials *c = user;
    dm_credentials_look(&c->hints, &c->stop, &c->found, &c->failure);
    atomic_store(&c->is_done, true);
    c->wake(c->user);
    return NULL;
}

static void start_search(struct dm_credentials *c) {
    atomic_store(&c->stop, false);
    atomic_store(&c->is_done, false);
    c->is_searching = pthread_create(&c->thread, NULL, search, c) == 0;
    if (!c->is_searching)
        c->not_before_us = g_get_monotonic_time() + FIRST_DELAY_US;
}

static void take_found(struct dm_credentials *c, int64_t now_utc_us) {
    dm_credentials_set_clear(&c->set);
    c->set = c->found;
    c->found = (struct dm_credentials_set){0};
    c->has_set = true;
    c->is_refused = false;
    c->generation++;
    c->delay_us = c->not_before_us = 0;
    g_clear_error(&c->error);
    int64_t lifetime_us = c->set.expire_utc_us - now_utc_us;
    c->renew_utc_us = c->set.expire_utc_us - MIN(EARLY_US, MAX(lifetime_us, 0) / 2);
}

/** Take what the thread brought, if it is at its end. */
static void take_search(struct dm_credentials *c, int64_t now_utc_us) {
    if (!c->is_searching || !atomic_load(&c->is_done))
        return;
    pthread_join(c->thread, NULL);
    c->is_searching = false;
    if (c->failure == NULL) {
        take_found(c, now_utc_us);
        return;
    }
    g_clear_error(&c->error);
    c->error = g_steal_pointer(&c->failure);
    c->delay_us = c->delay_us == 0 ? FIRST_DELAY_US : MIN(2 * c->delay_us, LAST_DELAY_US);
    c->not_before_us = g_get_monotonic_time() + c->delay_us;
}

static bool is_good(const struct dm_credentials *c, int64_t now_utc_us) {
    return c->has_set && !c->is_refused &&
           (c->set.expire_utc_us == 0 || now_utc_us < c->set.expire_utc_us);
}

enum dm_credentials_state dm_credentials_get(struct dm_credentials *credentials, int64_t now_utc_us,
                                             const struct dm_credentials_set **ret_set,
                                             unsigned *ret_generation, const GError **ret_error) {
    struct dm_credentials *c = credentials;
    take_search(c, now_utc_us);
    bool good = is_good(c, now_utc_us);
    bool is_old = good && c->set.expire_utc_us != 0 && now_utc_us >= c->renew_utc_us;
    bool is_fixed = c->has_set && c->set.is_fixed;
    if ((!good || is_old) && !is_fixed && !c->is_searching &&
        g_get_monotonic_time() >= c->not_before_us)
        start_search(c);
    if (good) {
        *ret_set = &c->set;
        *ret_generation = c->generation;
        return DM_CREDENTIALS_READY;
    }
    if (c->is_searching)
        return DM_CREDENTIALS_PENDING;
    if (c->error == NULL)
        dm_fail(&c->error, is_fixed ? DM_ERROR_CONFIG : DM_ERROR_TRANSIENT,
                is_fixed ? "credentials: those of %s are refused or expired, put new ones there"
                         : "credentials: there are none%s yet",
                is_fixed ? c->set.source : "");
    *ret_error = c->error;
    return DM_CREDENTIALS_FAILED;
}

bool dm_credentials_refuse(struct dm_credentials *credentials, unsigned generation) {
    if (generation != credentials->generation)
        return true;
    if (!credentials->set.is_fixed)
        credentials->is_refused = true;
    return !credentials->set.is_fixed;
}

void dm_credentials_status(const struct dm_credentials *credentials, int64_t *ret_expire_utc_us,
                           const char **ret_source) {
    *ret_expire_utc_us = credentials->has_set ? credentials->set.expire_utc_us : 0;
    *ret_source = credentials->has_set ? credentials->set.source : "";
}

void dm_credentials_free(struct dm_credentials *credentials) {
    if (credentials == NULL)
        return;
    if (credentials->is_searching) {
        atomic_store(&credentials->stop, true);
        pthread_join(credentials->thread, NULL);
    }
    dm_credentials_set_clear(&credentials->set);
    dm_credentials_set_clear(&credentials->found);
    dm_credentials_hints_clear(&credentials->hints);
    g_clear_error(&credentials->error);
    g_clear_error(&credentials->failure);
    g_free(credentials);
}
