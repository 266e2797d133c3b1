// SPDX-License-Identifier: MIT
//
// See status_facts.h.
#include "watcher/cli/status_facts.h"

#include <string.h>

bool dm_status_is_ours(const struct dm_status_facts *facts) {
    return facts->stranger == NULL || strcmp(facts->stranger, g_get_user_name()) == 0;
}

const char *dm_status_why_parked(const struct dm_row *row) {
    return *row->message ? row->message : dm_reason_what(row->reason);
}
