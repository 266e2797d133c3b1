// SPDX-License-Identifier: MIT
//
// Counting requests: see store_counts.h.
#include "watcher/store/store_counts.h"

#include <glib.h>
#include <string.h>

static const char *const methods[DM_STORE_METHODS] = {"GET", "HEAD", "PUT", "POST", "DELETE"};

/** Adding a code: a row here. The last is for all others. */
static const struct {
    int status;
    const char *name;
} codes[] = {
    {0, "none"},  {200, "200"}, {204, "204"}, {206, "206"}, {301, "301"},
    {304, "304"}, {307, "307"}, {400, "400"}, {401, "401"}, {403, "403"},
    {404, "404"}, {409, "409"}, {411, "411"}, {412, "412"}, {429, "429"},
    {500, "500"}, {502, "502"}, {503, "503"}, {504, "504"}, {-1, "other"},
};
G_STATIC_ASSERT(G_N_ELEMENTS(codes) == DM_STORE_CODES);

static size_t code_of(int status) {
    size_t i = 0;
    while (i < DM_STORE_CODES - 1 && codes[i].status != status) {
        i++;
    }
    return i;
}

void dm_store_counts_add(struct dm_store_counts *counts, const char *method, int status) {
    for (size_t i = 0; i < DM_STORE_METHODS; i++) {
        if (strcmp(methods[i], method) == 0) {
            counts->by[i][code_of(status)]++;
        }
    }
}

void dm_store_counts_each(const struct dm_store_counts *counts,
                          void (*each)(const char *method, const char *code, int64_t count,
                                       void *data),
                          void *data) {
    for (size_t i = 0; i < DM_STORE_METHODS; i++) {
        for (size_t k = 0; k < DM_STORE_CODES; k++) {
            if (counts->by[i][k] > 0) {
                each(methods[i], codes[k].name, counts->by[i][k], data);
            }
        }
    }
}
