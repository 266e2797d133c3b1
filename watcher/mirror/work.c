// SPDX-License-Identifier: MIT
//
// See work.h.
#include "watcher/mirror/work.h"

#include "common/log.h"

double dm_mirror_chance(struct dm_mirror *mirror) {
    return g_rand_double(mirror->chance);
}

bool dm_mirror_begin(struct dm_mirror *mirror, int64_t id) {
    return g_hash_table_add(mirror->in_work, g_memdup2(&id, sizeof(id)));
}

void dm_mirror_end(struct dm_mirror *mirror, int64_t id) {
    g_hash_table_remove(mirror->in_work, &id);
    mirror->look = true;
}

// ---- how it goes

/** Tell people when it stops, and when it goes on. */
static void tell_state(struct dm_mirror *mirror, enum dm_pace_state before,
                       const struct dm_store_result *result) {
    if (mirror->pace.state == DM_PACE_OPEN) {
        if (before != DM_PACE_OPEN) {
            g_clear_pointer(&mirror->problem, g_free);
            dm_log_message("the mirror in %s is back", dm_transfer_name(mirror->transfer));
        }
        return;
    }
    g_free(mirror->problem);
    mirror->problem = g_strdup_printf("cannot mirror to %s: %s", dm_transfer_name(mirror->transfer),
                                      result->reason);
    if (before != mirror->pace.state) {
        dm_log_warning("%s; results wait in the outbox, %s", mirror->problem,
                       mirror->pace.state == DM_PACE_HELD ? "will try again every 5 min"
                                                          : "will retry");
    }
}

void dm_mirror_report(struct dm_mirror *mirror, const struct dm_store_result *result) {
    if (mirror->is_freed) {
        return;
    }
    enum dm_pace_state before = mirror->pace.state;
    dm_pace_report(&mirror->pace, result->class, result->retry_after_us, mirror->now_us,
                   dm_mirror_chance(mirror));
    if (result->class != DM_STORE_OK || before != DM_PACE_OPEN) {
        tell_state(mirror, before, result);
    }
    dm_transfer_limit(mirror->transfer, dm_pace_limit(&mirror->pace, mirror->now_us));
}
