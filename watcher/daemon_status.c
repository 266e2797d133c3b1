// SPDX-License-Identifier: MIT
//
// What the rooms say of themselves, put together: see daemon_status.h.
#include "watcher/daemon_status.h"

#include <unistd.h>

void dm_daemon_look(const struct dm_daemon *daemon, const GPtrArray *hosts,
                    struct dm_daemon_status *ret) {
    int64_t now_us = g_get_monotonic_time();
    *ret = (struct dm_daemon_status){
        .pid = getpid(),
        .version = DM_VERSION,
        .jail = dm_catalogue_jail(daemon->catalogue),
        .vips = dm_catalogue_vips(daemon->catalogue),
        .mpi = dm_catalogue_mpi(daemon->catalogue),
        .settings = daemon->config_sum,
        .turns = dm_turns_count(daemon->turns),
        .io_trips = dm_share_trips(daemon->share),
        .hosts = hosts,
        .rate_milli = dm_rate_milli(&daemon->rate, now_us),
    };
    g_strlcpy(ret->refused, daemon->refused != NULL ? daemon->refused : "", sizeof(ret->refused));
    dm_ledger_stats(daemon->ledger, &ret->ledger);
    g_strlcpy(ret->ledger_problem, dm_ledger_ground_words(daemon->ground),
              sizeof(ret->ledger_problem));
    dm_share_status(daemon->share, now_us, &ret->share);
    dm_gate_status(daemon->gate, &ret->gate);
    dm_inbox_status(daemon->inbox, &ret->inbox);
    dm_engine_status(daemon->engine, now_us, &ret->engine);
    dm_mirror_status(daemon->mirror, now_us, &ret->mirror);
    dm_s3_inbox_status(daemon->s3_inbox, now_us, &ret->s3_inbox);
    dm_notices_status(daemon->notices, &ret->notices);
}

char *dm_daemon_status(const struct dm_daemon *daemon) {
    g_autoptr(GPtrArray) hosts = dm_engine_hosts(daemon->engine, g_get_monotonic_time());
    struct dm_daemon_status status;
    dm_daemon_look(daemon, hosts, &status);
    return dm_status_write(&status);
}
