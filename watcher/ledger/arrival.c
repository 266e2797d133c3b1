// SPDX-License-Identifier: MIT
//
// The record of arrivals.h: see arrival.h.
#include "watcher/ledger/arrival.h"

#include <glib.h>

struct dm_arrival *dm_arrival_new(const char *key, const char *etag, int64_t size_bytes) {
    struct dm_arrival *arrival = g_new0(struct dm_arrival, 1);
    *arrival = (struct dm_arrival){
        .key = g_strdup(key),
        .etag = g_strdup(etag),
        .path = g_strdup(""),
        .temp = g_strdup(""),
        .file = {.size_bytes = size_bytes},
        .output = g_strdup(""),
        .reason = g_strdup(""),
        .message = g_strdup(""),
    };
    return arrival;
}

void dm_arrival_free(struct dm_arrival *arrival) {
    if (arrival == NULL) {
        return;
    }
    g_free(arrival->key);
    g_free(arrival->etag);
    g_free(arrival->path);
    g_free(arrival->temp);
    g_free(arrival->output);
    g_free(arrival->reason);
    g_free(arrival->message);
    g_free(arrival);
}

void dm_arrival_set(char **field, const char *value) {
    if (*field != value) {
        g_free(*field);
        *field = g_strdup(value);
    }
}
