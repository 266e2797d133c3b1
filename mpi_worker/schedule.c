// SPDX-License-Identifier: MIT
//
// One thread of each rank, the main thread, calls MPI and never blocks in it: a blocking MPI_Send
// or MPI_Recv of Open MPI spins, and takes a whole core from the pool. So the loop takes turns
//
//      messages in -> lines of the pool -> (rank 0: lines of the watcher, hand out) -> messages out
//
// until a turn finds nothing, then sleeps in ppoll() on the pool's eventfd and the watcher's socket
// for as long as pace.h allows. Towards each rank there is at most one message under way; what
// comes up in the meantime is gathered into the next, so the messages get larger as the traffic
// gets denser.
//
// MPI's error handler is the default one: any error of MPI ends the job. The watcher starts
// another.
#include "mpi_worker/schedule.h"

#include "common/error.h"
#include "common/log.h"
#include "mpi_worker/coordinator.h"
#include "mpi_worker/crash.h"
#include "mpi_worker/feed.h"
#include "mpi_worker/leash.h"
#include "mpi_worker/pace.h"

#include <mpi.h>
#include <poll.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum tag { TASKS = 1, REPORTS, BYE };

enum {
    ABORT_SECONDS = 2,    // if MPI_Abort itself hangs, SIGALRM ends this rank
    TURN_BYTES = 1 << 20, // of own lines; the rest is taken in the next turn
};

/** The way to one rank. */
struct link {
    GString *waiting; // lines for the next message
    GString *moving;  // the message under way
    MPI_Request request;
};

/** A message being received. */
struct arrival {
    MPI_Request request;
    int source;
    enum tag tag;
    char *text;
};

struct session {
    int rank, rank_count;
    struct link *links; // [rank_count]; a rank other than 0 uses that to rank 0 only
    GQueue arrivals;    // of struct arrival, in the order of their sending
    GString *own_lines; // of this rank's pool, this turn
    struct dm_pool *pool;
    struct dm_feed *feed;               // rank 0
    struct dm_coordinator *coordinator; // rank 0
    struct dm_pace pace;
    int64_t checked_us; // when deadlines were last looked at
    bool bye;           // nothing more will come
};

// ---- ending badly

static G_GNUC_NORETURN void abort_job(int code) {
    alarm(ABORT_SECONDS);
    MPI_Abort(MPI_COMM_WORLD, code);
    _exit(code);
}

static G_GNUC_NORETURN void give_up(const GError *error, int code) {
    dm_log_error("%s, ending the job", error->message);
    abort_job(code);
}

// ---- messages

static bool link_moving(const struct link *link) {
    return link->request != MPI_REQUEST_NULL;
}

/** See whether the message under way has left. */
static void link_settle(struct link *link) {
    int left = 0;
    if (link_moving(link)) {
        MPI_Test(&link->request, &left, MPI_STATUS_IGNORE);
    }
}

/** Start a message of what waits, unless one is under way. Returns whether one was started. */
static bool link_send(struct link *link, int rank, enum tag tag) {
    if (link_moving(link) || link->waiting->len == 0) {
        return false;
    }
    GString *sent = link->moving;
    link->moving = link->waiting;
    link->waiting = g_string_truncate(sent, 0);
    MPI_Isend(link->moving->str, (int)link->moving->len, MPI_CHAR, rank, (int)tag, MPI_COMM_WORLD,
              &link->request);
    return true;
}

static bool send_messages(struct session *session) {
    bool worked = false;
    enum tag tag = session->rank == 0 ? TASKS : REPORTS;
    for (int i = 0; i < session->rank_count; i++) {
        link_settle(&session->links[i]);
        worked |= link_send(&session->links[i], i, tag);
    }
    return worked;
}

static bool sending(const struct session *session) {
    for (int i = 0; i < session->rank_count; i++) {
        if (link_moving(&session->links[i])) {
            return true;
        }
    }
    return false;
}

/** Start receiving the next message that has come, if any. */
static bool probe(struct session *session) {
    int found = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &found, &status);
    if (!found) {
        return false;
    }
    int length = 0;
    MPI_Get_count(&status, MPI_CHAR, &length);
    struct arrival *arrival = g_new0(struct arrival, 1);
    arrival->source = status.MPI_SOURCE;
    arrival->tag = (enum tag)status.MPI_TAG;
    arrival->text = g_malloc0((size_t)length + 1);
    MPI_Irecv(arrival->text, length, MPI_CHAR, arrival->source, status.MPI_TAG, MPI_COMM_WORLD,
              &arrival->request);
    g_queue_push_tail(&session->arrivals, arrival);
    return true;
}

static void take_tasks(struct session *session, char *lines) {
    char *rest = NULL;
    for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        struct dm_task task;
        GError *error = NULL;
        if (!dm_task_parse(line, &task, &error)) {
            give_up(error, EX_SOFTWARE);
        }
        dm_pool_push(session->pool, &task);
    }
}

/** Rank 0: account for @rank's lines and pass them on to the watcher. */
static void take_reports(struct session *session, int rank, const char *lines) {
    GError *error = NULL;
    GString *to_watcher = g_string_sized_new(strlen(lines) + 1);
    if (!dm_coordinator_report(session->coordinator, (size_t)rank, lines, to_watcher, &error)) {
        give_up(error, EX_SOFTWARE);
    }
    dm_feed_write(session->feed, to_watcher->str, to_watcher->len);
    g_string_free(to_watcher, TRUE);
}

static void take_message(struct session *session, const struct arrival *arrival) {
    switch (arrival->tag) {
    case TASKS:
        take_tasks(session, arrival->text);
        break;
    case REPORTS:
        take_reports(session, arrival->source, arrival->text);
        break;
    case BYE:
        session->bye = true;
        break;
    }
}

/** Take what has arrived whole, in order. */
static bool take_arrivals(struct session *session) {
    bool worked = false;
    struct arrival *arrival;
    while ((arrival = g_queue_peek_head(&session->arrivals)) != NULL) {
        int whole = 0;
        MPI_Test(&arrival->request, &whole, MPI_STATUS_IGNORE);
        if (!whole) {
            break;
        }
        g_queue_pop_head(&session->arrivals);
        take_message(session, arrival);
        g_free(arrival->text);
        g_free(arrival);
        worked = true;
    }
    return worked;
}

static bool receive_messages(struct session *session) {
    if (session->rank_count == 1) {
        return false;
    }
    // Twice nothing: the first look may have done no more than move a message along.
    bool worked = false;
    for (int misses = 0; misses < 2;) {
        bool found = probe(session);
        misses = found ? 0 : misses + 1;
        worked |= take_arrivals(session) || found;
    }
    return worked;
}

// ---- a turn

/** Move the pool's lines on: at rank 0 to the book and the watcher, else towards rank 0. */
static bool take_own_lines(struct session *session) {
    GString *lines = g_string_truncate(session->own_lines, 0);
    for (char *line = dm_pool_take(session->pool); line; line = dm_pool_take(session->pool)) {
        g_string_append(lines, line);
        g_free(line);
        if (lines->len > TURN_BYTES) {
            break;
        }
    }
    if (lines->len == 0) {
        return false;
    }
    if (session->rank == 0) {
        take_reports(session, 0, lines->str);
    } else {
        g_string_append_len(session->links[0].waiting, lines->str, (gssize)lines->len);
    }
    return true;
}

static bool take_orders(struct session *session, int64_t now_us) {
    GError *error = NULL;
    if (!dm_feed_read(session->feed, &error)) {
        give_up(error, dm_error_exit_code(error));
    }
    bool worked = false;
    for (const char *line; (line = dm_feed_next_line(session->feed)) != NULL; worked = true) {
        if (!dm_coordinator_order(session->coordinator, line, now_us, &error)) {
            give_up(error, EX_SOFTWARE);
        }
    }
    return worked;
}

static bool hand_out(struct session *session) {
    bool worked = false;
    size_t rank = 0;
    struct dm_assignment *next;
    while ((next = dm_coordinator_next(session->coordinator, &rank)) != NULL) {
        if (rank == 0) {
            dm_pool_push(session->pool, &next->task);
        } else {
            g_string_append_c(g_string_append(session->links[rank].waiting, next->line), '\n');
        }
        dm_assignment_free(next);
        worked = true;
    }
    return worked;
}

static void flush_feed(struct session *session) {
    GError *error = NULL;
    if (!dm_feed_flush(session->feed, &error)) {
        give_up(error, dm_error_exit_code(error));
    }
}

static void check_deadlines(struct session *session, int64_t now_us) {
    if (now_us < session->checked_us + DM_PACE_CHECK_US) {
        return;
    }
    session->checked_us = now_us;
    int64_t id, attempt;
    if (!dm_pool_overdue(session->pool, now_us, &id, &attempt)) {
        return;
    }
    dm_crash_report("TIMEOUT", id, attempt);
    abort_job(EX_TEMPFAIL);
}

static bool take_turn(struct session *session) {
    int64_t now_us = g_get_monotonic_time();
    bool worked = receive_messages(session);
    worked |= take_own_lines(session);
    if (session->rank == 0) {
        worked |= take_orders(session, now_us);
        worked |= hand_out(session);
        flush_feed(session);
        session->bye = dm_coordinator_finished(session->coordinator);
    }
    worked |= send_messages(session);
    check_deadlines(session, now_us);
    return worked;
}

// ---- the loop

static bool busy(const struct session *session) {
    return dm_pool_load(session->pool) > 0 ||
           (session->rank == 0 && dm_coordinator_expects_reports(session->coordinator));
}

static void sleep_us(struct session *session, int64_t time_us, enum dm_pool_sleep depth) {
    struct pollfd wakers[2] = {{.fd = dm_pool_fd(session->pool), .events = POLLIN}, {.fd = -1}};
    if (session->feed != NULL) {
        wakers[1] = (struct pollfd){.fd = dm_feed_fd(session->feed),
                                    .events = dm_feed_events(session->feed)};
    }
    struct timespec timeout = {.tv_sec = time_us / G_USEC_PER_SEC,
                               .tv_nsec = time_us % G_USEC_PER_SEC * 1000};
    if (!dm_pool_sleep(session->pool, depth)) {
        return;
    }
    ppoll(wakers, G_N_ELEMENTS(wakers), time_us == DM_PACE_FOREVER ? NULL : &timeout, NULL);
    dm_pool_awake(session->pool);
}

static void rest(struct session *session, bool worked) {
    struct dm_pace_view view = {
        .worked = worked,
        .sending = sending(session),
        .busy = busy(session),
        .alone = session->rank_count == 1,
        .coordinator = session->rank == 0,
    };
    bool nap;
    int64_t time_us = dm_pace_next(&session->pace, &view, &nap);
    if (time_us != 0) {
        sleep_us(session, time_us, nap ? DM_POOL_NAP : DM_POOL_SLEEP);
    }
}

static void take_turns(struct session *session) {
    for (;;) {
        bool worked = take_turn(session);
        if (session->bye) {
            return;
        }
        rest(session, worked);
    }
}

// ---- beginning and end

/** How many threads this rank has: @wanted, or its share of the cores that it may use. */
static int thread_count(int wanted) {
    if (wanted > 0) {
        return wanted;
    }
    MPI_Comm node;
    int neighbours = 1;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &neighbours);
    MPI_Comm_free(&node);
    return MAX((int)g_get_num_processors() / neighbours, 1);
}

/** Tell rank 0 that this rank is up; rank 0 tells itself, like all its own lines. */
static void say_hello(struct session *session, const char *host, int threads, const char *remark) {
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
    if (session->rank == 0) {
        take_reports(session, 0, line);
    } else {
        g_string_append(session->links[0].waiting, line);
    }
}

static void begin(struct session *session, const struct dm_schedule_options *options) {
    MPI_Comm_rank(MPI_COMM_WORLD, &session->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &session->rank_count);
    char host[256] = "";
    gethostname(host, sizeof(host) - 1);
    session->links = g_new0(struct link, (size_t)session->rank_count);
    for (int i = 0; i < session->rank_count; i++) {
        session->links[i] = (struct link){g_string_new(NULL), g_string_new(NULL), MPI_REQUEST_NULL};
    }
    session->own_lines = g_string_new(NULL);

    GError *error = NULL;
    if (session->rank == 0) {
        session->feed = dm_feed_connect(options->socket_path, &error);
        if (session->feed == NULL) {
            give_up(error, EX_UNAVAILABLE);
        }
        session->coordinator = dm_coordinator_new((size_t)session->rank_count);
    }
    int threads = thread_count(options->threads);
    session->pool = dm_pool_new(&options->work, threads, host, session->rank, &error);
    if (session->pool == NULL) {
        give_up(error, EX_OSERR);
    }
    say_hello(session, host, threads, options->remark);
}

/** Wait for all messages to leave, and for the watcher to have read all lines. */
static void drain(struct session *session) {
    for (;;) {
        send_messages(session);
        if (session->feed != NULL) {
            flush_feed(session);
        }
        bool flushed = session->feed == NULL || dm_feed_flushed(session->feed);
        if (flushed && !sending(session)) {
            return;
        }
        sleep_us(session, DM_PACE_CHECK_US / 100, DM_POOL_SLEEP);
    }
}

static void say_bye(struct session *session) {
    if (session->rank != 0) {
        return;
    }
    dm_feed_write(session->feed, "bye\n", strlen("bye\n"));
    for (int i = 1; i < session->rank_count; i++) {
        MPI_Isend(NULL, 0, MPI_CHAR, i, BYE, MPI_COMM_WORLD, &session->links[i].request);
    }
}

static void end(struct session *session) {
    dm_pool_free(session->pool);
    dm_feed_free(session->feed);
    dm_coordinator_free(session->coordinator);
    for (int i = 0; i < session->rank_count; i++) {
        g_string_free(session->links[i].waiting, TRUE);
        g_string_free(session->links[i].moving, TRUE);
    }
    g_string_free(session->own_lines, TRUE);
    g_free(session->links);
}

int dm_schedule_run(const struct dm_schedule_options *options) {
    GError *error = NULL;
    if (!dm_leash_take(options->socket_path, &error)) {
        int code = dm_error_exit_code(error);
        dm_log_error("%s", error->message);
        g_error_free(error);
        return code;
    }
    int provided = 0;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    dm_crash_install();
    struct session session = {.arrivals = G_QUEUE_INIT};
    begin(&session, options);
    take_turns(&session);
    drain(&session);
    say_bye(&session);
    drain(&session);
    end(&session);
    MPI_Finalize();
    return EX_OK;
}
