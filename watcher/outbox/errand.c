// SPDX-License-Identifier: MIT
//
// See errand.h.
#include "watcher/outbox/errand.h"

#include "common/path.h"

#include <errno.h>

struct dm_errand *dm_errand_new(struct dm_row *row) {
    struct dm_errand *errand = g_new0(struct dm_errand, 1);
    errand->row = row;
    errand->fact = DM_FACT_COUNT;
    return errand;
}

void dm_errand_free(struct dm_errand *errand) {
    if (errand == NULL) {
        return;
    }
    dm_row_free(errand->row);
    g_free(errand->name);
    g_free(errand->message);
    g_free(errand->kept);
    g_free(errand);
}

void dm_errand_block(struct dm_errand *errand, const char *what, const char *name) {
    const char *why = g_strerror(errno);
    g_autofree char *shown = dm_path_display(name);
    g_free(errand->message);
    errand->fact = DM_FACT_BLOCKED;
    errand->message = g_strdup_printf("cannot %s: '%s': %s", what, shown, why);
}
