// SPDX-License-Identifier: MIT
//
// All that `dropmill status` shows, gathered by cmd_status.c. In words: status_words.c; as JSON:
// status_json.c; what is wrong, and what mends it: status_wrong.c.
#ifndef DM_WATCHER_CLI_STATUS_FACTS_H
#define DM_WATCHER_CLI_STATUS_FACTS_H

#include "watcher/ledger/ledger.h"
#include "watcher/places.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct dm_status_facts {
    const struct dm_places *places;
    // (nullable) The daemon's answer, see status.h.
    GHashTable *live;
    // (nullable) Else the user whose daemon it is that does not answer us.
    char *stranger;
    int64_t stranger_pid;
    // (nullable) The share that this one is a copy of: it has the same identity.
    char *copy_of;
    int64_t counts[DM_STATE_COUNT];
    // Of struct dm_under_way: what is under way.
    GPtrArray *work;
    // Of struct dm_row.
    GPtrArray *parked;
    // Of struct dm_row: not complete for a while; they say what they wait for.
    GPtrArray *waiting;
    // Of struct dm_folder_problem.
    GPtrArray *problems;
    // Of struct dm_upload: what the mirror cannot send, the first of them.
    GPtrArray *uploads;
    // Of struct dm_wrong: what is wrong with the share or the daemon.
    GPtrArray *wrongs;
    int64_t now_utc_us;
};

/** Something that is wrong. */
struct dm_wrong {
    char *what;
    // (nullable) A command, or what else is to be done.
    char *mend;
};

/** Find out what is wrong; of struct dm_wrong, (transfer full). A share that is away is not
 * touched.
 */
GPtrArray *dm_status_wrongs(const struct dm_status_facts *facts);

/** Say whether the ledger that we see is that of the daemon, if one runs. */
bool dm_status_is_ours(const struct dm_status_facts *facts);

/** Why a row is held up; borrowed from it. */
const char *dm_status_why_parked(const struct dm_row *row);

void dm_status_print_words(const struct dm_status_facts *facts);
void dm_status_write_json(const struct dm_status_facts *facts);

#endif
