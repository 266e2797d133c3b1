// SPDX-License-Identifier: MIT
//
// Settling the rows of a session that ended: see toll.h.
#include "watcher/engine/toll.h"

#include "common/log.h"
#include "common/path.h"

static struct dm_accused accuse(const struct dm_toll_case *of, struct dm_flights *flights,
                                const struct dm_row *row) {
    const struct dm_flight *flight = dm_flights_find(flights, of->crew, row->id, row->attempt);
    return (struct dm_accused){
        .id = row->id,
        .attempt = row->attempt,
        .started = flight != NULL && flight->started_us != 0,
    };
}

/** The words for the cause of this row's death. */
static char *cause_of(const struct dm_toll_case *of, const struct dm_accused *task) {
    const char *named;
    if (dm_health_named(of->ending, task, &named) != DM_DEATH_INNOCENT) {
        return g_strdup(named);
    }
    return dm_health_cause(of->ending);
}

static void condemn(const struct dm_toll_case *of, const struct dm_accused *task,
                    enum dm_death death, struct dm_row *row) {
    g_autofree char *cause = cause_of(of, task);
    g_autofree char *message = dm_health_message(death, row->crashes, cause);
    g_autofree char *shown = dm_path_display(row->path);
    row->suspect = false;
    row->reason = dm_health_reason(death);
    dm_row_set(&row->message, message);
    dm_log_warning("'%s' %s, will not try it again", shown, message);
}

/** Returns what to report about the row. */
static enum dm_fact judge(const struct dm_toll_case *of, const struct dm_accused *task,
                          enum dm_death death, struct dm_row *row) {
    if (death == DM_DEATH_INNOCENT) {
        return DM_FACT_LOST;
    }
    row->suspect = true;
    row->crashes++;
    if (!dm_health_condemned(death, row->crashes, of->alone)) {
        return DM_FACT_LOST;
    }
    condemn(of, task, death, row);
    return DM_FACT_REFUSED;
}

struct dm_toll dm_toll_take(const struct dm_toll_case *of, struct dm_flights *flights,
                            struct dm_ledger *ledger) {
    const struct dm_query query = {.states = 1u << DM_STATE_RUNNING, .job = of->job};
    g_autoptr(GPtrArray) rows = dm_ledger_list(ledger, &query);
    struct dm_toll toll = {0};
    bool any_named = false;
    for (guint i = 0; i < rows->len; i++) {
        struct dm_accused task = accuse(of, flights, rows->pdata[i]);
        any_named |= dm_health_named(of->ending, &task, NULL) != DM_DEATH_INNOCENT;
    }
    for (guint i = 0; i < rows->len; i++) {
        struct dm_row *row = rows->pdata[i];
        struct dm_accused task = accuse(of, flights, row);
        enum dm_death death = dm_health_death(of->ending, &task, any_named);
        enum dm_fact fact = judge(of, &task, death, row);
        toll.failed += fact == DM_FACT_REFUSED;
        toll.lost += fact == DM_FACT_LOST;
        toll.suspects += fact == DM_FACT_LOST && death != DM_DEATH_INNOCENT;
        dm_ledger_move(ledger, row, fact);
    }
    return toll;
}
