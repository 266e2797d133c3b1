// SPDX-License-Identifier: MIT
//
// Who had the last turn: see turn_order.h. The parts of a path are those that the columns `folder`
// and `subfolder` have, see schema.c.
#include "watcher/ledger/turn_order.h"

#include "common/path.h"

#include <string.h>

struct dm_turn_order {
    char *folder;
    // By folder.
    GHashTable *subfolders;
};

struct dm_turn_order *dm_turn_order_new(void) {
    struct dm_turn_order *order = g_new0(struct dm_turn_order, 1);
    order->subfolders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return order;
}

void dm_turn_order_free(struct dm_turn_order *order) {
    if (order != NULL) {
        g_hash_table_unref(order->subfolders);
        g_free(order->folder);
        g_free(order);
    }
}

/** The first part of the directory of @path, "" if there is none; (transfer full). */
static char *first_part(const char *path) {
    char *part = dm_path_chain(path);
    return part != NULL ? part : g_strdup("");
}

void dm_turn_order_note(struct dm_turn_order *order, const char *path) {
    const char *slash = strchr(path, '/');
    g_free(order->folder);
    order->folder = first_part(path);
    g_hash_table_replace(order->subfolders, g_strdup(order->folder),
                         slash != NULL ? first_part(slash + 1) : g_strdup(""));
}

const char *dm_turn_order_folder(const struct dm_turn_order *order) {
    return order->folder;
}

const char *dm_turn_order_subfolder(const struct dm_turn_order *order, const char *folder) {
    return g_hash_table_lookup(order->subfolders, folder);
}
