// SPDX-License-Identifier: MIT
//
// Settling the rows of a session that ended: see postmortem.h.
#include "watcher/engine/postmortem.h"

#include "common/path.h"
#include "watcher/ledger/row_log.h"

static struct dm_suspect suspect_of(const struct dm_postmortem_case *of,
                                    struct dm_in_flight *in_flight, const struct dm_row *row) {
    const struct dm_task_in_flight *sent =
        dm_in_flight_find(in_flight, of->runner, row->id, row->attempt);
    return (struct dm_suspect){
        .id = row->id,
        .attempt = row->attempt,
        .started = sent != NULL && sent->started_us != 0,
    };
}

/** The words for the cause of this row's death. */
static char *cause_of(const struct dm_postmortem_case *of, const struct dm_suspect *task) {
    const char *named;
    if (dm_health_named(of->ending, task, &named) != DM_DEATH_INNOCENT) {
        return g_strdup(named);
    }
    return dm_health_cause(of->ending);
}

static void give_up(const struct dm_postmortem_case *of, const struct dm_suspect *task,
                    enum dm_death death, struct dm_row *row) {
    g_autofree char *cause = cause_of(of, task);
    g_autofree char *message = dm_health_message(death, row->crashes, cause);
    g_autofree char *shown = dm_path_display(row->path);
    row->suspect = false;
    row->reason = dm_health_reason(death);
    dm_row_set(&row->message, message);
    dm_row_log(row, DM_EVENT_ACCUSED, DM_LOG_WARNING, "'%s' %s, will not try it again", shown,
               message);
}

/** Returns what to report about the row. */
static enum dm_fact judge(const struct dm_postmortem_case *of, const struct dm_suspect *task,
                          enum dm_death death, struct dm_row *row) {
    if (death == DM_DEATH_INNOCENT) {
        return DM_FACT_LOST;
    }
    row->suspect = true;
    row->crashes++;
    if (!dm_health_is_exhausted(death, row->crashes, of->alone)) {
        return DM_FACT_LOST;
    }
    give_up(of, task, death, row);
    return DM_FACT_REFUSED;
}

struct dm_postmortem dm_postmortem_hold(const struct dm_postmortem_case *of,
                                        struct dm_in_flight *in_flight, struct dm_ledger *ledger) {
    const struct dm_query query = {.states = 1u << DM_STATE_RUNNING, .job = of->job};
    g_autoptr(GPtrArray) rows = dm_ledger_list(ledger, &query);
    struct dm_postmortem postmortem = {0};
    bool any_named = false;
    for (guint i = 0; i < rows->len; i++) {
        struct dm_suspect task = suspect_of(of, in_flight, rows->pdata[i]);
        any_named |= dm_health_named(of->ending, &task, NULL) != DM_DEATH_INNOCENT;
    }
    for (guint i = 0; i < rows->len; i++) {
        struct dm_row *row = rows->pdata[i];
        struct dm_suspect task = suspect_of(of, in_flight, row);
        enum dm_death death = dm_health_death(of->ending, &task, any_named);
        enum dm_fact fact = judge(of, &task, death, row);
        postmortem.failed += fact == DM_FACT_REFUSED;
        postmortem.lost += fact == DM_FACT_LOST;
        postmortem.suspects += fact == DM_FACT_LOST && death != DM_DEATH_INNOCENT;
        dm_ledger_move(ledger, row, fact);
    }
    return postmortem;
}
