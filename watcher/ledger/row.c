// SPDX-License-Identifier: MIT
//
// The records that the ledger hands out, and what a fact does to one apart from its state. Pure.
#include "watcher/ledger/row.h"

void dm_row_set(char **field, const char *value) {
    if (*field != value) {
        g_free(*field);
        *field = g_strdup(value);
    }
}

void dm_row_free(struct dm_row *row) {
    if (row == NULL) {
        return;
    }
    g_free(row->path);
    g_free(row->chain);
    g_free(row->temp);
    g_free(row->output);
    g_free(row->message);
    g_free(row->format);
    g_free(row->host);
    g_free(row);
}

void dm_row_free_at(struct dm_row **row) {
    dm_row_free(*row);
}

void dm_folder_problem_free(struct dm_folder_problem *problem) {
    if (problem == NULL) {
        return;
    }
    g_free(problem->folder);
    g_free(problem->message);
    g_free(problem->suggestion);
    g_free(problem);
}

void dm_history_free(struct dm_history *line) {
    if (line == NULL) {
        return;
    }
    g_free(line->path);
    g_free(line->fact);
    g_free(line->message);
    g_free(line);
}

/** Forget how earlier attempts at this file went. */
static void start_afresh(struct dm_row *row) {
    row->attempt = 0;
    row->suspect = false;
    row->crashes = 0;
    row->retired = false;
    row->held = false;
    row->stays_utc_us = 0;
    row->reason = DM_REASON_NONE;
    row->not_before_utc_us = 0;
    dm_row_set(&row->message, "");
}

void dm_row_apply(struct dm_row *row, enum dm_fact fact, int64_t now_utc_us) {
    int next = dm_transition(row->state, fact);
    g_assert(next >= 0);
    switch (fact) {
    case DM_FACT_DISPATCHED:
        row->attempt++;
        break;
    case DM_FACT_DROPPED:
        row->generation++;
        row->seen_utc_us = now_utc_us;
        start_afresh(row);
        break;
    case DM_FACT_CHANGED:
        start_afresh(row);
        break;
    case DM_FACT_LOST:
        row->held = false;
        break;
    case DM_FACT_STOPPED:
        row->suspect = row->held = false;
        row->not_before_utc_us = 0;
        row->reason = DM_REASON_STOPPED;
        dm_row_set(&row->message, "");
        break;
    case DM_FACT_BLOCKED:
        row->parked_from = row->state == DM_STATE_RUNNING ? DM_STATE_READY : row->state;
        break;
    case DM_FACT_RESUMED:
        next = (int)row->parked_from;
        row->not_before_utc_us = 0;
        break;
    case DM_FACT_RETIRED:
        row->retired = true;
        break;
    case DM_FACT_RETURNED:
        row->retired = false;
        break;
    default:
        break;
    }
    if (next < DM_STATE_COUNT) {
        row->state = (enum dm_state)next;
    }
    row->state_utc_us = now_utc_us;
}
