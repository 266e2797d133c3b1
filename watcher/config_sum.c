// SPDX-License-Identifier: MIT
//
// See config_sum.h.
#include "watcher/config_sum.h"

#include "watcher/config.h"

enum { LENGTH = 16 };

char *dm_config_sum(const struct dm_config *config) {
    struct dm_config rest = *config;
    rest.share = (char *)"";
    g_autofree char *changes = dm_config_print_changes(&rest);
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, changes, -1);
    return g_strndup(sum, LENGTH);
}
