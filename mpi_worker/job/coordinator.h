// SPDX-License-Identifier: MIT
//
// Rank 0's book: which ranks are up, what the watcher asked for, what came back, when all is said.
// Lines in, tasks and lines out; no sockets, no MPI, no clock. Who gets which task: scheduler.h.
// Who moves the lines: rank.c.
#ifndef DM_MPI_WORKER_JOB_COORDINATOR_H
#define DM_MPI_WORKER_JOB_COORDINATOR_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dm_coordinator;

/** A task on its way to a rank. */
struct dm_assignment {
    struct dm_task task;
    // As the watcher wrote it, without its LF; NULL if the job has one rank only.
    char *line;
};

void dm_assignment_free(struct dm_assignment *assignment);

struct dm_coordinator *dm_coordinator_new(size_t rank_count);
void dm_coordinator_free(struct dm_coordinator *coordinator);

/**
 * Take one line (without LF) of the watcher: a task, or bye.
 * Errors: DM_ERROR_REMOTE for anything else, or a task after bye.
 */
bool dm_coordinator_order(struct dm_coordinator *coordinator, const char *line, int64_t now_us,
                          GError **error);

/**
 * Take @lines (whole lines, NUL-terminated) that @rank reported: hello once, then events and
 * results. Append to @to_watcher what the watcher shall read: events and results as they are, and
 * one hello for the whole job once every rank has said its own. Errors: DM_ERROR_REMOTE, then
 * @to_watcher is undefined.
 */
bool dm_coordinator_report(struct dm_coordinator *coordinator, size_t rank, const char *lines,
                           GString *to_watcher, GError **error);

/** Give out the next task, and to which rank; NULL when none may go out now; (transfer full). */
struct dm_assignment *dm_coordinator_next(struct dm_coordinator *coordinator, size_t *ret_rank);

/** Something is awaited from a rank: a task's result or a first hello. */
bool dm_coordinator_expects_reports(const struct dm_coordinator *coordinator);

/** The watcher said bye, and everything that it asked for has been answered. */
bool dm_coordinator_finished(const struct dm_coordinator *coordinator);

#endif
