// SPDX-License-Identifier: MIT
//
// See same_share.h.
#include "watcher/same_share.h"

#include "common/error.h"

#include <string.h>

static bool refuse(const char *path, const char *known_path, GError **error) {
    return dm_fail(error, DM_ERROR_CONFIG,
                   "cannot watch the share '%s': it has the id of the one that was last watched at "
                   "'%s', and is another one: if it is a copy, make it a share of its own by "
                   "'dropmill setup --new-id %s'; if that one was moved or restored to here, start "
                   "'dropmilld --moved' once",
                   path, known_path, path);
}

bool dm_same_share(struct dm_ledger *ledger, const struct dm_share *share, bool moved,
                   GError **error) {
    const char *path = dm_share_path(share);
    const struct dm_mark *marker = dm_share_marker(share);
    struct dm_mark known = {0};
    g_autofree char *known_path = NULL;
    bool same = true;
    if (dm_ledger_share(ledger, &known, &known_path) && !moved) {
        known.dev = 0; // another one after each start of the machine
        same = dm_mark_fits(&known, marker) ||
               (dm_share_is_remote(share) && strcmp(known_path, path) == 0);
    }
    if (!same) {
        return refuse(path, known_path, error);
    }
    dm_ledger_set_share(ledger, marker, path);
    return dm_ledger_commit(ledger, error);
}
