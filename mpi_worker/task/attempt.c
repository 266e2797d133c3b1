// SPDX-License-Identifier: MIT
//
// A sandbox is kept warm for the pictures of one thread while all goes well. It is replaced after
// any other end than DONE (a decoder that refuses has seen something strange), and when it has
// grown. So what a picture does in there costs the picture, one sandbox, and the picture's own
// deadline.
//
//   in the sandbox            first time               second time, in a new one with twice the memory
//   dies                      again                    FAILED worker-crash
//   says nothing in time      again                    FAILED timeout
//   says nonsense             again                    FAILED worker-crash
//   failed, by itself         FAILED                   FAILED
//   failed, perhaps for want  again                    FAILED
//     of memory
//   cannot write or read,     BLOCKED                  BLOCKED
//     and we cannot either
//   cannot, but we can        again                    FAILED internal
//   failed, internal          BLOCKED if we cannot     the same
//                               read, else again
#include "mpi_worker/task/attempt.h"

#include "common/error.h"
#include "common/log.h"
#include "mpi_worker/task/allowance.h"
#include "mpi_worker/task/claim.h"
#include "mpi_worker/task/verdict.h"

#include <inttypes.h>
#include <string.h>

enum { TRIES = 2 };
enum { BIG_TASK_BYTES = 320 << 20 };

/** One try. */
struct try {
    const struct dm_workshop *workshop;
    const struct dm_attempt *of;
    struct dm_sandbox **sandbox;
    int64_t share;       // of the memory budget
    int64_t began_us;    // without waiting for memory
    int64_t deadline_us; // monotonic
    int64_t most_ms;     // that the deadline is away from the beginning
    bool asked;          // it said what it needs
    bool big;            // it took so much memory that the sandbox will not be kept
    int factor;          // of the memory
    int64_t deaths;      // of sandboxes
};

// ---- how a try ends without a verdict

/** Do away with the sandbox. Returns of what it had died, NULL if it had not; (transfer full). */
static char *lose_sandbox(struct try *try) {
    return dm_sandbox_kill(g_steal_pointer(try->sandbox));
}

static bool fail_dead(struct try *try) {
    try->deaths++;
    g_autofree char *death = lose_sandbox(try);
    return dm_verdict(try->of->ret, DM_STATUS_FAILED, DM_REASON_WORKER_CRASH,
                      "the process that decoded it %s", death != NULL ? death : "went silent");
}

static bool fail_late(struct try *try) {
    try->deaths++;
    g_autofree char *death = lose_sandbox(try);
    return dm_verdict(try->of->ret, DM_STATUS_FAILED, DM_REASON_TIMEOUT,
                      "there was no result after %.1f s", (double)try->most_ms / 1000);
}

static bool fail_nonsense(struct try *try, const char *why) {
    try->deaths++;
    g_autofree char *death = lose_sandbox(try);
    return dm_verdict(try->of->ret, DM_STATUS_FAILED, DM_REASON_WORKER_CRASH,
                      "the process that decoded it gave a verdict that is none: %s", why);
}

// ---- what it may take

/** A task over the whole budget runs alone; one over twice as much would starve the machine. */
static bool within_memory(const struct try *try, int64_t wanted) {
    int64_t most = 2 * try->workshop->memory_bytes;
    return wanted <= most || dm_verdict(try->of->ret, DM_STATUS_FAILED, DM_REASON_TOO_LARGE,
                                        "it would take about %" PRId64
                                        " MB of memory, at most %" PRId64 " MB are allowed",
                                        wanted / 1000000, most / 1000000);
}

/** Wait for a share of the memory, and let the sandbox have it and time for @pixels. */
static void allow(struct try *try, int64_t memory_bytes, int64_t pixels) {
    const struct dm_workshop *workshop = try->workshop;
    const struct dm_task *task = try->of->task;
    int64_t file_bytes = try->of->original->fingerprint.size_bytes;
    try->share = dm_memory_budget_admit(workshop->budget, memory_bytes);
    try->most_ms = dm_allowance_ms(file_bytes, pixels, task->deadline_ms);
    const struct dm_sandbox_limits limits = {
        .address_bytes = dm_allowance_address_space(dm_zygote_address_bytes(workshop->zygote),
                                                    memory_bytes * try->factor, workshop->cores),
        .file_bytes = dm_allowance_file(task->max_pixels),
        .cpu_s = try->most_ms / 1000 * workshop->cores,
    };
    dm_sandbox_limit(*try->sandbox, &limits);
    try->big = memory_bytes > BIG_TASK_BYTES;
}

/** It needs more than was thought. False: it cannot have that. */
static bool allow_more(struct try *try, const struct dm_need *need) {
    int64_t took_us = g_get_monotonic_time() - try->began_us;
    if (!within_memory(try, need->memory_bytes)) {
        g_free(lose_sandbox(try));
        return false;
    }
    dm_memory_budget_release(try->workshop->budget, try->share);
    allow(try, MAX(need->memory_bytes, try->share), need->pixels);
    try->deadline_us = g_get_monotonic_time() + try->most_ms * 1000 - took_us;
    try->asked = true;
    dm_sandbox_tell(*try->sandbox, dm_inside_go, sizeof(dm_inside_go), NULL, 0);
    return true;
}

// ---- one try

static bool have_sandbox(struct try *try) {
    g_autoptr(GError) error = NULL;
    if (*try->sandbox != NULL && dm_sandbox_is_restless(*try->sandbox)) {
        g_autofree char *death = lose_sandbox(try);
        dm_log_info("an idle sandbox %s, taking a new one",
                    death != NULL ? death : "spoke unasked");
        try->deaths++;
    }
    if (*try->sandbox == NULL) {
        *try->sandbox = dm_sandbox_new(try->workshop->zygote, &error);
    }
    return *try->sandbox != NULL ||
           dm_verdict(try->of->ret, DM_STATUS_BLOCKED, DM_REASON_INTERNAL, "%s", error->message);
}

static bool tell(struct try *try) {
    const int fds[] = {try->of->original->fd, try->of->temp->fd};
    g_autofree char *order = dm_inside_order(try->of->task, try->share);
    return dm_sandbox_tell(*try->sandbox, order, strlen(order), fds, G_N_ELEMENTS(fds));
}

/**
 * Say whether the share refuses a read or a write, and put that into the verdict. A sandbox that
 * says so is believed only if it refuses us, too; and one that met it may say something else.
 */
static bool is_refused(const struct dm_attempt *of) {
    return (of->ret->reason == DM_REASON_CANNOT_WRITE &&
            dm_temp_is_stuck(of->task, of->temp, of->ret)) ||
           dm_file_is_refused(of->original->fd, of->ret) ||
           dm_file_is_refused(of->temp->fd, of->ret);
}

static bool judge_refusal(const struct dm_attempt *of) {
    const char *what = of->ret->reason == DM_REASON_CANNOT_WRITE ? "the result could not be written"
                                                                 : "the file could not be read";
    return !is_refused(of) && dm_verdict(of->ret, DM_STATUS_FAILED, DM_REASON_INTERNAL, "%s", what);
}

/** Take what it said as the verdict, as far as it can be believed. */
static bool judge(struct try *try, const char *words, size_t size) {
    const struct dm_attempt *of = try->of;
    g_autoptr(GError) error = NULL;
    struct dm_result claim = {0};
    if (!dm_verdict_parse(words, size, of->task, &claim, &error)) {
        return fail_nonsense(try, error->message);
    }
    dm_result_clear(of->ret);
    *of->ret = claim;
    switch (claim.status) {
    case DM_STATUS_DONE:
        return dm_temp_finish(of->task, of->temp, claim.bytes, of->ret);
    case DM_STATUS_BLOCKED:
        return judge_refusal(of);
    default:
        if (of->ret->reason == DM_REASON_INTERNAL) {
            (void)is_refused(of);
        }
        return false;
    }
}

/** Wait for the verdict. */
static bool hear(struct try *try) {
    char words[DM_CLAIM_BYTES];
    size_t size = 0;
    struct dm_need need;
    for (;;) {
        switch (dm_sandbox_hear(*try->sandbox, try->deadline_us, words, sizeof(words), &size)) {
        case DM_HEARD_END:
            return fail_dead(try);
        case DM_HEARD_NOTHING:
            return fail_late(try);
        case DM_HEARD_NONSENSE:
            return fail_nonsense(try, "it is too long");
        case DM_HEARD_WORDS:
            break;
        }
        if (try->asked || !dm_need_parse(words, size, &need)) {
            return judge(try, words, size);
        }
        if (!allow_more(try, &need)) {
            return false;
        }
    }
}

/** Say whether it may rest, with the memory that it has grown to. */
static bool may_rest(const struct try *try) {
    int64_t most = dm_sandbox_most(*try->sandbox, try->share);
    return !try->big && dm_sandbox_age(*try->sandbox) < try->workshop->sandbox_pictures &&
           dm_memory_budget_keep(try->workshop->budget, most);
}

/** Take it from its rest, if there is one. */
static void take_up(const struct try *try) {
    if (*try->sandbox != NULL) {
        dm_memory_budget_unkeep(try->workshop->budget, dm_sandbox_most(*try->sandbox, 0));
    }
}

/** Keep the sandbox for the next task only if all went well and it is neither old nor large. */
static void keep_or_end(struct try *try, bool good) {
    if (*try->sandbox == NULL) {
        return;
    }
    if (!good) {
        g_free(lose_sandbox(try));
    } else if (!may_rest(try)) {
        g_clear_pointer(try->sandbox, dm_sandbox_free);
    }
}

static bool try_once(struct try *try) {
    int64_t file_bytes = try->of->original->fingerprint.size_bytes;
    int64_t memory_bytes = dm_allowance_memory(file_bytes);
    if (!within_memory(try, memory_bytes)) {
        return false;
    }
    take_up(try);
    if (!have_sandbox(try)) {
        return false;
    }
    allow(try, memory_bytes, DM_ALLOWANCE_PIXELS);
    try->began_us = g_get_monotonic_time();
    try->deadline_us = try->began_us + try->most_ms * 1000;
    bool good = tell(try) ? hear(try) : fail_dead(try);
    dm_memory_budget_release(try->workshop->budget, try->share);
    keep_or_end(try, good);
    return good;
}

// ---- two of them

/** Whether another sandbox, or more memory, may lead to another verdict. */
static bool is_doubtful(const struct dm_result *ret) {
    if (ret->status != DM_STATUS_FAILED) {
        return false;
    }
    switch (ret->reason) {
    case DM_REASON_DAMAGED:
    case DM_REASON_BAD_STEP:
    case DM_REASON_INTERNAL:
    case DM_REASON_WORKER_CRASH:
    case DM_REASON_TIMEOUT:
        return true;
    default:
        return false;
    }
}

/** Say what the person is told of these reasons: that it was tried twice. */
static void add_twice(struct dm_result *ret) {
    if (ret->status == DM_STATUS_FAILED &&
        (ret->reason == DM_REASON_WORKER_CRASH || ret->reason == DM_REASON_TIMEOUT)) {
        dm_record_take(&ret->message, g_strdup_printf("%s, twice", ret->message));
    }
}

/** Say how many sandboxes it took, after the verdict: that may be a stranger's word. */
static bool end(const struct dm_attempt *attempt, int64_t deaths, bool good) {
    attempt->ret->deaths = deaths;
    return good;
}

bool dm_attempt_make(const struct dm_workshop *workshop, const struct dm_attempt *attempt,
                     struct dm_sandbox **sandbox) {
    int64_t deaths = 0;
    for (int i = 1; i <= TRIES; i++) {
        struct try try = {.workshop = workshop, .of = attempt, .sandbox = sandbox, .factor = i};
        bool good = try_once(&try);
        deaths += try.deaths;
        if (good || !is_doubtful(attempt->ret)) {
            return end(attempt, deaths, good);
        }
    }
    add_twice(attempt->ret);
    return end(attempt, deaths, false);
}
