// SPDX-License-Identifier: MIT
//
// The loop of a rank's main thread takes turns
//
//      messages in -> lines of the pool -> (rank 0: lines of the watcher, hand out) -> messages out
//
// until a turn finds nothing, then sleeps in ppoll() on the pool's eventfd and the watcher's socket
// for as long as pace.h allows. Towards each rank there is at most one message under way; what
// comes up in the meantime is gathered into the next, so the messages get larger as the traffic
// gets denser.
#include "mpi_worker/job/rank.h"

#include "common/error.h"
#include "common/line_socket.h"
#include "common/log.h"
#include "mpi_worker/job/coordinator.h"
#include "mpi_worker/job/crash.h"
#include "mpi_worker/job/die_with_parent.h"
#include "mpi_worker/job/pace.h"
#include "mpi_worker/job/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

enum { TURN_BYTES = 1 << 20 }; // of own lines; the rest is taken in the next turn

/** The way to one rank. */
struct outgoing {
    GString *waiting; // lines for the next message
    GString *moving;  // the message under way
};

struct rank {
    struct dm_transport *transport; // borrowed
    int rank_count;
    struct outgoing *outgoing; // [rank_count]; a rank other than 0 uses that to rank 0 only
    GString *own_lines;        // of this rank's pool, this turn
    struct dm_pool *pool;
    struct dm_line_socket *watcher;     // of rank 0; NULL elsewhere
    struct dm_coordinator *coordinator; // of rank 0; NULL elsewhere
    struct dm_pace pace;
    int64_t checked_us; // when deadlines were last looked at
    bool bye;           // nothing more will come
};

static bool is_first(const struct rank *rank) {
    return rank->transport->rank == 0;
}

// ---- ending badly

static G_GNUC_NORETURN void abort_job(struct rank *rank, int code) {
    rank->transport->abort(rank->transport, code);
    _exit(code);
}

static G_GNUC_NORETURN void give_up(struct rank *rank, const GError *error, int code) {
    dm_log_error("%s, ending the job", error->message);
    abort_job(rank, code);
}

// ---- messages out

/** Start a message of what waits for rank @to, unless one is under way. */
static bool send_message(struct rank *rank, int to) {
    struct outgoing *outgoing = &rank->outgoing[to];
    if (!rank->transport->sent(rank->transport, to) || outgoing->waiting->len == 0) {
        return false;
    }
    GString *left = outgoing->moving;
    outgoing->moving = outgoing->waiting;
    outgoing->waiting = g_string_truncate(left, 0);
    rank->transport->send(rank->transport, to,
                          is_first(rank) ? DM_MESSAGE_TASKS : DM_MESSAGE_REPORTS,
                          outgoing->moving->str, outgoing->moving->len);
    return true;
}

static bool send_messages(struct rank *rank) {
    bool worked = false;
    for (int i = 0; i < rank->rank_count; i++) {
        worked |= send_message(rank, i);
    }
    return worked;
}

static bool sending(const struct rank *rank) {
    for (int i = 0; i < rank->rank_count; i++) {
        if (!rank->transport->sent(rank->transport, i)) {
            return true;
        }
    }
    return false;
}

// ---- messages in

static void take_tasks(struct rank *rank, char *lines) {
    char *rest = NULL;
    for (char *line = strtok_r(lines, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        struct dm_task task;
        GError *error = NULL;
        if (!dm_task_parse(line, &task, &error)) {
            give_up(rank, error, EX_SOFTWARE);
        }
        dm_pool_push(rank->pool, &task);
    }
}

/** Rank 0: account for the lines of rank @from and pass them on to the watcher. */
static void take_reports(struct rank *rank, int from, const char *lines) {
    GError *error = NULL;
    GString *to_watcher = g_string_sized_new(strlen(lines) + 1);
    if (!dm_coordinator_report(rank->coordinator, (size_t)from, lines, to_watcher, &error)) {
        give_up(rank, error, EX_SOFTWARE);
    }
    dm_line_socket_write(rank->watcher, to_watcher->str, to_watcher->len);
    g_string_free(to_watcher, TRUE);
}

static void take_message(struct rank *rank, const struct dm_message *message) {
    switch (message->kind) {
    case DM_MESSAGE_TASKS:
        take_tasks(rank, message->bytes);
        break;
    case DM_MESSAGE_REPORTS:
        take_reports(rank, message->from, message->bytes);
        break;
    case DM_MESSAGE_BYE:
        rank->bye = true;
        break;
    }
}

static bool receive_messages(struct rank *rank) {
    bool worked = false;
    struct dm_message message;
    for (; rank->transport->receive(rank->transport, &message); worked = true) {
        take_message(rank, &message);
        g_free(message.bytes);
    }
    return worked;
}

// ---- a turn

/** Move the pool's lines on: at rank 0 to the book and the watcher, else towards rank 0. */
static bool take_own_lines(struct rank *rank) {
    GString *lines = g_string_truncate(rank->own_lines, 0);
    for (char *line = dm_pool_take(rank->pool); line != NULL; line = dm_pool_take(rank->pool)) {
        g_string_append(lines, line);
        g_free(line);
        if (lines->len > TURN_BYTES) {
            break;
        }
    }
    if (lines->len == 0) {
        return false;
    }
    if (is_first(rank)) {
        take_reports(rank, 0, lines->str);
    } else {
        g_string_append_len(rank->outgoing[0].waiting, lines->str, (gssize)lines->len);
    }
    return true;
}

static bool take_orders(struct rank *rank, int64_t now_us) {
    GError *error = NULL;
    if (!dm_line_socket_read(rank->watcher, NULL, &error)) {
        give_up(rank, error, dm_error_exit_code(error));
    }
    bool worked = false;
    for (const char *line; (line = dm_line_socket_next_line(rank->watcher)) != NULL;
         worked = true) {
        if (!dm_coordinator_order(rank->coordinator, line, now_us, &error)) {
            give_up(rank, error, EX_SOFTWARE);
        }
    }
    return worked;
}

static bool hand_out(struct rank *rank) {
    bool worked = false;
    size_t to = 0;
    struct dm_assignment *next;
    while ((next = dm_coordinator_next(rank->coordinator, &to)) != NULL) {
        if (to == 0) {
            dm_pool_push(rank->pool, &next->task);
        } else {
            g_string_append_c(g_string_append(rank->outgoing[to].waiting, next->line), '\n');
        }
        dm_assignment_free(next);
        worked = true;
    }
    return worked;
}

static void flush_watcher(struct rank *rank) {
    GError *error = NULL;
    if (!dm_line_socket_flush(rank->watcher, &error)) {
        give_up(rank, error, dm_error_exit_code(error));
    }
}

static void check_deadlines(struct rank *rank, int64_t now_us) {
    if (now_us < rank->checked_us + DM_PACE_CHECK_US) {
        return;
    }
    rank->checked_us = now_us;
    int64_t id, attempt;
    if (!dm_pool_overdue(rank->pool, now_us, &id, &attempt)) {
        return;
    }
    dm_crash_report("TIMEOUT", id, attempt);
    abort_job(rank, EX_TEMPFAIL);
}

static bool take_turn(struct rank *rank) {
    int64_t now_us = g_get_monotonic_time();
    bool worked = receive_messages(rank);
    worked |= take_own_lines(rank);
    if (is_first(rank)) {
        worked |= take_orders(rank, now_us);
        worked |= hand_out(rank);
        flush_watcher(rank);
        rank->bye = dm_coordinator_finished(rank->coordinator);
    }
    worked |= send_messages(rank);
    check_deadlines(rank, now_us);
    return worked;
}

// ---- the loop

static bool busy(const struct rank *rank) {
    return dm_pool_load(rank->pool) > 0 ||
           (is_first(rank) && dm_coordinator_expects_reports(rank->coordinator));
}

static void sleep_us(struct rank *rank, int64_t time_us, enum dm_pool_sleep depth) {
    struct pollfd wakers[2] = {{.fd = dm_pool_fd(rank->pool), .events = POLLIN}, {.fd = -1}};
    if (rank->watcher != NULL) {
        wakers[1] = (struct pollfd){.fd = dm_line_socket_fd(rank->watcher),
                                    .events = dm_line_socket_events(rank->watcher)};
    }
    struct timespec timeout = {.tv_sec = time_us / G_USEC_PER_SEC,
                               .tv_nsec = time_us % G_USEC_PER_SEC * 1000};
    if (!dm_pool_sleep(rank->pool, depth)) {
        return;
    }
    ppoll(wakers, G_N_ELEMENTS(wakers), time_us == DM_PACE_FOREVER ? NULL : &timeout, NULL);
    dm_pool_awake(rank->pool);
}

static void rest(struct rank *rank, bool worked) {
    struct dm_pace_view view = {
        .worked = worked,
        .moving = sending(rank) || rank->transport->receiving(rank->transport),
        .busy = busy(rank),
        .alone = rank->rank_count == 1,
        .coordinator = is_first(rank),
    };
    bool nap;
    int64_t time_us = dm_pace_next(&rank->pace, &view, &nap);
    if (time_us != 0) {
        sleep_us(rank, time_us, nap ? DM_POOL_NAP : DM_POOL_SLEEP);
    }
}

static void take_turns(struct rank *rank) {
    for (;;) {
        bool worked = take_turn(rank);
        if (rank->bye) {
            return;
        }
        rest(rank, worked);
    }
}

// ---- beginning and end

/** Tell rank 0 that this rank is up; rank 0 tells itself, like all its own lines. */
static void say_hello(struct rank *rank, const char *host, int threads, const char *remark) {
    g_autofree char *own_remark = g_strdup(remark);
    g_autofree char *program = g_strdup("dropmill-worker " DM_VERSION);
    g_autofree char *own_host = g_strdup(host);
    struct dm_hello hello = {.version = DM_WIRE_VERSION,
                             .program = program,
                             .pid = getpid(),
                             .ranks = 1,
                             .threads = threads,
                             .host = own_host,
                             .remark = own_remark};
    g_autofree char *line = dm_hello_line(&hello);
    if (is_first(rank)) {
        take_reports(rank, 0, line);
    } else {
        g_string_append(rank->outgoing[0].waiting, line);
    }
}

/** A copy of what stands on standard input: nothing else may read there. Returns -1 on errors. */
static int take_input(GError **error) {
    struct stat s;
    if (fstat(STDIN_FILENO, &s) != 0 || !S_ISSOCK(s.st_mode)) {
        dm_fail(error, DM_ERROR_CONFIG, "standard input is no socket, expected one of the watcher");
        return -1;
    }
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        dm_fail_errno(error, errno, "cannot take the socket on standard input");
        return -1;
    }
    return fd;
}

static bool meet_watcher(struct rank *rank, const char *path, GError **error) {
    if (path != NULL) {
        rank->watcher = dm_line_socket_connect(path, "the watcher", error);
        return rank->watcher != NULL;
    }
    int fd = take_input(error);
    if (fd < 0) {
        return false;
    }
    rank->watcher = dm_line_socket_new(fd, "the watcher");
    return true;
}

static void begin(struct rank *rank, const struct dm_rank_options *options) {
    const struct dm_transport *transport = rank->transport;
    char host[256] = "";
    gethostname(host, sizeof(host) - 1);
    g_assert(rank->rank_count >= 1); // this one
    rank->outgoing = g_new0(struct outgoing, (size_t)rank->rank_count);
    for (int i = 0; i < rank->rank_count; i++) {
        rank->outgoing[i] = (struct outgoing){g_string_new(NULL), g_string_new(NULL)};
    }
    rank->own_lines = g_string_new(NULL);

    GError *error = NULL;
    if (is_first(rank)) {
        if (!meet_watcher(rank, options->socket_path, &error)) {
            give_up(rank, error, EX_UNAVAILABLE);
        }
        rank->coordinator = dm_coordinator_new((size_t)rank->rank_count);
    }
    int share = MAX((int)g_get_num_processors() / transport->neighbours, 1);
    int threads = options->threads > 0 ? options->threads : share;
    rank->pool = dm_pool_new(&options->work, threads, host, transport->rank, &error);
    if (rank->pool == NULL) {
        give_up(rank, error, EX_OSERR);
    }
    if (options->work.ready != NULL && !options->work.ready(options->work.data, &error)) {
        give_up(rank, error, EX_OSERR);
    }
    say_hello(rank, host, threads, options->remark);
}

/** Wait for all messages to leave, and for the watcher to have read all lines. */
static void drain(struct rank *rank) {
    for (;;) {
        send_messages(rank);
        if (rank->watcher != NULL) {
            flush_watcher(rank);
        }
        bool flushed = rank->watcher == NULL || dm_line_socket_is_flushed(rank->watcher);
        if (flushed && !sending(rank)) {
            return;
        }
        sleep_us(rank, DM_PACE_CHECK_US / 100, DM_POOL_SLEEP);
    }
}

static void say_bye(struct rank *rank) {
    if (!is_first(rank)) {
        return;
    }
    dm_line_socket_write(rank->watcher, "bye\n", strlen("bye\n"));
    for (int i = 1; i < rank->rank_count; i++) {
        rank->transport->send(rank->transport, i, DM_MESSAGE_BYE, NULL, 0);
    }
}

static void end(struct rank *rank) {
    dm_pool_free(rank->pool);
    dm_line_socket_free(rank->watcher);
    dm_coordinator_free(rank->coordinator);
    for (int i = 0; i < rank->rank_count; i++) {
        g_string_free(rank->outgoing[i].waiting, TRUE);
        g_string_free(rank->outgoing[i].moving, TRUE);
    }
    g_string_free(rank->own_lines, TRUE);
    g_free(rank->outgoing);
}

void dm_rank_run(const struct dm_rank_options *options, struct dm_transport *transport) {
    struct rank rank = {.transport = transport, .rank_count = transport->rank_count};
    begin(&rank, options);
    take_turns(&rank);
    drain(&rank);
    say_bye(&rank);
    drain(&rank);
    end(&rank);
}

int dm_rank_main(const struct dm_rank_options *options) {
    GError *error = NULL;
    if (!dm_die_with_parent(options->socket_path, &error)) {
        int code = dm_error_exit_code(error);
        dm_log_error("%s", error->message);
        g_error_free(error);
        return code;
    }
    struct dm_transport *transport =
        options->socket_path != NULL ? dm_transport_over_mpi() : dm_transport_alone();
    dm_crash_install();
    dm_rank_run(options, transport);
    transport->end(transport);
    return EX_OK;
}

char *dm_rank_mpi(void) {
    return dm_transport_library();
}
