// SPDX-License-Identifier: MIT
//
// All of it is rebuilt with each job, and nothing in it is worth keeping: the ledger remembers.
#include "mpi_worker/job/coordinator.h"

#include "common/error.h"
#include "common/path.h"
#include "mpi_worker/job/scheduler.h"

#include <inttypes.h>
#include <string.h>

struct dm_coordinator {
    struct dm_scheduler *scheduler;
    bool *is_up; // [rank_count]
    size_t rank_count;
    size_t up_count;
    struct dm_hello hello; // of the whole job: rank 0's, with the sums of all
    char **seats;          // of each rank that is up, as the hello names them
    bool bye;
};

/** A kind of line that ranks send. */
struct report_verb {
    const char *verb;
    bool (*take)(struct dm_coordinator *coordinator, size_t rank, const char *line, GError **error);
    bool forwarded; // to the watcher, as it is
};

void dm_assignment_free(struct dm_assignment *assignment) {
    if (assignment == NULL) {
        return;
    }
    dm_task_clear(&assignment->task);
    g_free(assignment->line);
    g_free(assignment);
}

static void free_assignment(void *assignment) {
    dm_assignment_free(assignment);
}

static bool take_hello(struct dm_coordinator *coordinator, size_t rank, const char *line,
                       GError **error) {
    struct dm_hello hello;
    if (!dm_hello_parse(line, &hello, error)) {
        return false;
    }
    if (coordinator->is_up[rank] || hello.threads < 1) {
        dm_hello_clear(&hello);
        return dm_fail(error, DM_ERROR_REMOTE, "rank %zu said a wrong or a second hello", rank);
    }
    coordinator->is_up[rank] = true;
    coordinator->up_count++;
    dm_scheduler_rank_up(coordinator->scheduler, rank, hello.threads);
    coordinator->hello.ranks++;
    coordinator->hello.threads += hello.threads;
    coordinator->seats[rank] =
        g_strdup_printf("%s:%" PRId64, hello.host != NULL ? hello.host : "", hello.threads);
    if (rank == 0) {
        coordinator->hello.version = hello.version;
        coordinator->hello.pid = hello.pid;
        coordinator->hello.program = g_steal_pointer(&hello.program);
        coordinator->hello.host = g_steal_pointer(&hello.host);
    }
    if (coordinator->hello.remark == NULL) {
        coordinator->hello.remark = g_steal_pointer(&hello.remark);
    }
    dm_hello_clear(&hello);
    return true;
}

static bool take_result(struct dm_coordinator *coordinator, size_t rank, const char *line,
                        GError **error) {
    struct dm_result result;
    if (!dm_result_parse(line, &result, error)) {
        return false;
    }
    bool expected = dm_scheduler_done(coordinator->scheduler, rank, result.elapsed_us);
    dm_result_clear(&result);
    return expected ||
           dm_fail(error, DM_ERROR_REMOTE, "rank %zu reported a result without a task", rank);
}

static const struct report_verb report_verbs[] = {
    {"event", NULL, true},
    {"result", take_result, true},
    {"hello", take_hello, false},
};

static bool take_report_line(struct dm_coordinator *coordinator, size_t rank, const char *line,
                             GString *to_watcher, GError **error) {
    for (size_t i = 0; i < G_N_ELEMENTS(report_verbs); i++) {
        const struct report_verb *verb = &report_verbs[i];
        if (!dm_line_has_verb(line, verb->verb)) {
            continue;
        }
        if (verb->take != NULL && !verb->take(coordinator, rank, line, error)) {
            return false;
        }
        if (verb->forwarded) {
            g_string_append_len(to_watcher, line, (gssize)strcspn(line, "\n") + 1);
        }
        return true;
    }
    return dm_fail(error, DM_ERROR_REMOTE, "unknown verb: '%.*s' from rank %zu",
                   (int)strcspn(line, "\t\n"), line, rank);
}

struct dm_coordinator *dm_coordinator_new(size_t rank_count) {
    struct dm_coordinator *coordinator = g_new0(struct dm_coordinator, 1);
    coordinator->scheduler = dm_scheduler_new(rank_count, free_assignment);
    coordinator->is_up = g_new0(bool, rank_count);
    coordinator->seats = g_new0(char *, rank_count + 1);
    coordinator->rank_count = rank_count;
    return coordinator;
}

void dm_coordinator_free(struct dm_coordinator *coordinator) {
    if (coordinator == NULL) {
        return;
    }
    dm_scheduler_free(coordinator->scheduler);
    dm_hello_clear(&coordinator->hello);
    for (size_t i = 0; i < coordinator->rank_count; i++) {
        g_free(coordinator->seats[i]);
    }
    g_free(coordinator->seats);
    g_free(coordinator->is_up);
    g_free(coordinator);
}

static bool take_task(struct dm_coordinator *coordinator, const char *line, int64_t now_us,
                      GError **error) {
    if (coordinator->bye) {
        return dm_fail(error, DM_ERROR_REMOTE, "the watcher sent a task after its bye");
    }
    struct dm_assignment *assignment = g_new0(struct dm_assignment, 1);
    if (!dm_task_parse(line, &assignment->task, error)) {
        g_free(assignment);
        return false;
    }
    if (coordinator->rank_count > 1) {
        assignment->line = g_strdup(line);
    }
    g_autofree char *folder = dm_path_subfolder(assignment->task.input);
    dm_scheduler_add(coordinator->scheduler, folder, assignment->task.id,
                     assignment->task.fingerprint.size_bytes, assignment, now_us);
    return true;
}

bool dm_coordinator_order(struct dm_coordinator *coordinator, const char *line, int64_t now_us,
                          GError **error) {
    if (dm_line_has_verb(line, "task")) {
        return take_task(coordinator, line, now_us, error);
    }
    if (dm_line_has_verb(line, "bye")) {
        coordinator->bye = true;
        return true;
    }
    return dm_fail(error, DM_ERROR_REMOTE,
                   "unknown verb: '%.*s' from the watcher, this is dropmill-worker " DM_VERSION
                   " with protocol version %d: install the same version of dropmill everywhere",
                   (int)strcspn(line, "\t"), line, DM_WIRE_VERSION);
}

bool dm_coordinator_report(struct dm_coordinator *coordinator, size_t rank, const char *lines,
                           GString *to_watcher, GError **error) {
    bool were_up = coordinator->up_count == coordinator->rank_count;
    for (const char *line = lines; *line != '\0';) {
        const char *end = strchr(line, '\n');
        if (end == NULL) {
            return dm_fail(error, DM_ERROR_REMOTE, "rank %zu reported a torn line", rank);
        }
        if (!take_report_line(coordinator, rank, line, to_watcher, error)) {
            return false;
        }
        line = end + 1;
    }
    if (!were_up && coordinator->up_count == coordinator->rank_count) {
        coordinator->hello.seats = g_strjoinv(" ", coordinator->seats);
        g_autofree char *hello = dm_hello_line(&coordinator->hello);
        g_string_append(to_watcher, hello);
    }
    return true;
}

struct dm_assignment *dm_coordinator_next(struct dm_coordinator *coordinator, size_t *ret_rank) {
    return dm_scheduler_next(coordinator->scheduler, ret_rank);
}

bool dm_coordinator_expects_reports(const struct dm_coordinator *coordinator) {
    return coordinator->up_count < coordinator->rank_count ||
           dm_scheduler_out(coordinator->scheduler) > 0;
}

bool dm_coordinator_finished(const struct dm_coordinator *coordinator) {
    return coordinator->bye && dm_scheduler_backlog(coordinator->scheduler) == 0 &&
           !dm_coordinator_expects_reports(coordinator);
}
