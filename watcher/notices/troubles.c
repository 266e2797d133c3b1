// SPDX-License-Identifier: MIT
//
// See troubles.h.
#include "watcher/notices/troubles.h"

#include "watcher/ledger/notices.h"

#include <string.h>

struct dm_troubles {
    struct dm_ledger *ledger;
    int64_t after_us;
    // Of struct dm_trouble: a few.
    GPtrArray *all;
};

static void trouble_free(void *data) {
    struct dm_trouble *trouble = data;
    g_free(trouble->name);
    g_free(trouble->problem);
    g_free(trouble);
}

static struct dm_trouble *find(const struct dm_troubles *troubles, const char *name) {
    for (guint i = 0; i < troubles->all->len; i++) {
        struct dm_trouble *trouble = troubles->all->pdata[i];
        if (strcmp(trouble->name, name) == 0) {
            return trouble;
        }
    }
    return NULL;
}

static struct dm_trouble *add(struct dm_troubles *troubles, const char *name, const char *problem,
                              int64_t since_utc_us) {
    struct dm_trouble *trouble = g_new0(struct dm_trouble, 1);
    trouble->name = g_strdup(name);
    trouble->problem = g_strdup(problem);
    trouble->since_utc_us = since_utc_us;
    g_ptr_array_add(troubles->all, trouble);
    return trouble;
}

static void read_told(const char *name, const char *problem, int64_t since_utc_us, void *data) {
    add(data, name, problem, since_utc_us)->is_told = true;
}

struct dm_troubles *dm_troubles_new(struct dm_ledger *ledger, int64_t after_us) {
    struct dm_troubles *troubles = g_new0(struct dm_troubles, 1);
    troubles->ledger = ledger;
    troubles->after_us = after_us;
    troubles->all = g_ptr_array_new_with_free_func(trouble_free);
    dm_ledger_each_trouble(ledger, read_told, troubles);
    return troubles;
}

void dm_troubles_free(struct dm_troubles *troubles) {
    if (troubles != NULL) {
        g_ptr_array_unref(troubles->all);
        g_free(troubles);
    }
}

void dm_troubles_begin_look(struct dm_troubles *troubles) {
    for (guint i = 0; i < troubles->all->len; i++) {
        ((struct dm_trouble *)troubles->all->pdata[i])->is_seen = false;
    }
}

void dm_troubles_see(struct dm_troubles *troubles, const char *name, const char *problem,
                     int64_t now_utc_us) {
    struct dm_trouble *trouble = find(troubles, name);
    if (trouble == NULL) {
        trouble = add(troubles, name, problem, now_utc_us);
    } else if (!trouble->is_told && strcmp(trouble->problem, problem) != 0) {
        g_free(trouble->problem);
        trouble->problem = g_strdup(problem);
    }
    trouble->is_seen = true;
    trouble->over_utc_us = 0;
}

/** A clock that was set back makes nobody wait longer. */
static bool has_lasted(const struct dm_troubles *troubles, int64_t *since_utc_us,
                       int64_t now_utc_us) {
    *since_utc_us = MIN(*since_utc_us, now_utc_us);
    return now_utc_us - *since_utc_us >= troubles->after_us;
}

void dm_troubles_end_look(struct dm_troubles *troubles, int64_t now_utc_us,
                          void (*tell)(const struct dm_trouble *trouble, void *data), void *data) {
    for (guint i = troubles->all->len; i-- > 0;) {
        struct dm_trouble *trouble = troubles->all->pdata[i];
        if (!trouble->is_seen && trouble->over_utc_us == 0) {
            trouble->over_utc_us = now_utc_us;
        }
        if (trouble->is_seen && !trouble->is_told &&
            has_lasted(troubles, &trouble->since_utc_us, now_utc_us)) {
            trouble->is_told = true;
            dm_ledger_save_trouble(troubles->ledger, trouble->name, trouble->problem,
                                   trouble->since_utc_us);
            tell(trouble, data);
        } else if (!trouble->is_seen && !trouble->is_told) {
            g_ptr_array_remove_index(troubles->all, i);
        } else if (!trouble->is_seen && has_lasted(troubles, &trouble->over_utc_us, now_utc_us)) {
            dm_ledger_forget_trouble(troubles->ledger, trouble->name);
            tell(trouble, data);
            g_ptr_array_remove_index(troubles->all, i);
        }
    }
}
