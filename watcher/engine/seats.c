// SPDX-License-Identifier: MIT
//
// See seats.h.
#include "watcher/engine/seats.h"

#include <string.h>

struct seat {
    char *host;
    int64_t threads, busy;
};

struct dm_seats {
    // Of struct seat, by rank.
    GArray *by_rank;
};

static void clear_seat(void *data) {
    g_free(((struct seat *)data)->host);
}

struct dm_seats *dm_seats_new(void) {
    struct dm_seats *seats = g_new(struct dm_seats, 1);
    seats->by_rank = g_array_new(FALSE, FALSE, sizeof(struct seat));
    g_array_set_clear_func(seats->by_rank, clear_seat);
    return seats;
}

void dm_seats_free(struct dm_seats *seats) {
    if (seats != NULL) {
        g_array_unref(seats->by_rank);
        g_free(seats);
    }
}

void dm_seats_take(struct dm_seats *seats, const char *text) {
    g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "", " ", -1);
    g_array_set_size(seats->by_rank, 0);
    for (char **part = parts; *part != NULL; part++) {
        const char *colon = strrchr(*part, ':');
        if (colon != NULL) {
            const struct seat seat = {.host = g_strndup(*part, (size_t)(colon - *part)),
                                      .threads = g_ascii_strtoll(colon + 1, NULL, 10)};
            g_array_append_val(seats->by_rank, seat);
        }
    }
}

void dm_seats_count(struct dm_seats *seats, int64_t rank, int64_t more) {
    if (rank >= 0 && rank < (int64_t)seats->by_rank->len) {
        g_array_index(seats->by_rank, struct seat, rank).busy += more;
    }
}

void dm_seats_rest(struct dm_seats *seats) {
    for (guint i = 0; i < seats->by_rank->len; i++) {
        g_array_index(seats->by_rank, struct seat, i).busy = 0;
    }
}

void dm_engine_host_free(struct dm_engine_host *host) {
    if (host != NULL) {
        g_free(host->name);
        g_free(host);
    }
}

static struct dm_engine_host *find(GPtrArray *hosts, const char *name) {
    for (guint i = 0; i < hosts->len; i++) {
        struct dm_engine_host *host = hosts->pdata[i];
        if (strcmp(host->name, name) == 0) {
            return host;
        }
    }
    return NULL;
}

void dm_seats_add_hosts(const struct dm_seats *seats, const char *state, GPtrArray *hosts) {
    guint known = hosts->len; // by others
    for (guint i = 0; i < seats->by_rank->len; i++) {
        const struct seat *seat = &g_array_index(seats->by_rank, struct seat, i);
        struct dm_engine_host *host = find(hosts, seat->host);
        bool others = false;
        for (guint n = 0; n < known && !others; n++) {
            others = hosts->pdata[n] == host;
        }
        if (host == NULL) {
            host = g_new0(struct dm_engine_host, 1);
            host->name = g_strdup(seat->host);
            host->state = state;
            g_ptr_array_add(hosts, host);
        }
        host->busy += seat->busy;
        host->threads += others ? 0 : seat->threads;
    }
}
