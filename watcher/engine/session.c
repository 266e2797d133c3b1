// SPDX-License-Identifier: MIT
//
// The life of a job. One phase at a time, one timer that belongs to it; switch_phase() alone leads
// from one to the next, and says so in the log:
//
//             hello         bye          mpirun ended        no rank holds `alive`
//   STARTING ------> UP --------> LEAVING -----------> REAPING --------------------> over
//      |              | end of file  | 10 s               ^
//      |              v              |                    | (from every phase)
//      |           FALLING (2 s)     |                    |
//      | deadline     v              v                    |
//      +---------> STOPPING (SIGTERM, 5 s) ---> KILLING (SIGKILL)
//
// FALLING gives mpirun the time to say how a rank died. Until "over" the socket and stderr are
// read: every result that a rank sent before it died counts.
#include "watcher/engine/session.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/log.h"
#include "watcher/child.h"
#include "watcher/engine/reaper.h"
#include "watcher/engine/story.h"
#include "watcher/link.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_US INT64_C(5000000)      // with ranks that outlive their mpirun
#define STOP_PATIENCE_US INT64_C(1000000) // the same when we end ourselves
enum {
    READ_BYTES = 16 * 1024,
    READS_A_TURN = 16,
};

enum phase { NEW, STARTING, UP, LEAVING, FALLING, STOPPING, KILLING, REAPING, OVER, PHASE_COUNT };

/** A row a phase: the signal that it begins with, and where it leads if it lasts too long. */
static const struct {
    const char *name;
    int signal;    // 0: none
    guint wait_ms; // 0: no limit (STARTING: as configured)
    enum phase next;
} phases[PHASE_COUNT] = {
    [NEW] = {"new", 0, 0, NEW}, // before mpirun was started
    [STARTING] = {"starting", 0, 0, STOPPING},
    [UP] = {"up", 0, 0, UP},
    [LEAVING] = {"leaving", 0, 10000, STOPPING},
    [FALLING] = {"falling", 0, 2000, STOPPING},
    [STOPPING] = {"stopping", SIGTERM, 5000, KILLING},
    [KILLING] = {"killing", SIGKILL, 0, KILLING},
    [REAPING] = {"reaping", 0, 0, REAPING},
    [OVER] = {"over", 0, 0, OVER},
};

struct dm_session {
    struct dm_session_events events;
    int64_t job;
    char *dir;
    int64_t connect_us;
    enum phase phase;
    guint timer;
    // Of mpirun and of its process group; 0 once it has ended.
    pid_t pid;
    guint child_source;
    // What mpirun writes to stdout and stderr.
    int output_fd;
    guint output_source;
    struct dm_link *link;
    // NULL when it cannot be told.
    struct dm_story *story;
    struct dm_reaper *reaper;
    struct dm_mpirun_output output;
    struct dm_ending ending;
    bool alone;
    char *problem;
};

char *dm_session_socket(const char *dir) {
    return g_build_filename(dir, "socket", NULL);
}

// ---- the story

static void tell(struct dm_session *session, enum dm_story_line kind, const char *text) {
    dm_story_add(session->story, dm_now().utc_us, kind, text, strlen(text));
}

/** The line of a switch of phase, in the log and in the story. */
static void tell_switch(struct dm_session *session, enum phase from, const char *why) {
    g_autofree char *text =
        g_strdup_printf("%s -> %s%s%s%s", phases[from].name, phases[session->phase].name,
                        *why != '\0' ? " (" : "", why, *why != '\0' ? ")" : "");
    // One process on one machine is no job to who reads the log; the story has it all.
    dm_log_of_job(session->job, NULL, session->alone ? DM_LOG_DEBUG : DM_LOG_INFO,
                  "job %" PRId64 ": %s", session->job, text);
    tell(session, DM_STORY_NOTE, text);
}

// ---- phases

static void switch_phase(struct dm_session *session, enum phase phase, const char *why);

/** Remember what went wrong first. */
static void note_problem(struct dm_session *session, const char *text) {
    if (*session->problem == '\0') {
        g_free(session->problem);
        session->problem = g_strdup(text);
    }
}

/** How long the phase that it is in may last; 0: no limit. */
static guint wait_ms(const struct dm_session *session) {
    return session->phase == STARTING ? (guint)(session->connect_us / 1000)
                                      : phases[session->phase].wait_ms;
}

static gboolean on_timer(gpointer data) {
    struct dm_session *session = data;
    session->timer = 0;
    g_autofree char *why = g_strdup_printf(
        session->phase == STARTING ? "rank 0 did not answer within %.3g s" : "not over in %.3g s",
        wait_ms(session) / 1e3);
    if (session->phase == STARTING) {
        note_problem(session, why);
    } else if (session->phase == FALLING) { // it has hung up and lives on: that is no way to end
        note_problem(session, "rank 0 has closed the connection");
        session->ending.broken = true;
    }
    switch_phase(session, phases[session->phase].next, why);
    return G_SOURCE_REMOVE;
}

static void arm_timer(struct dm_session *session) {
    guint ms = wait_ms(session);
    if (ms > 0) {
        session->timer = g_timeout_add(ms, on_timer, session);
    }
}

/** The one place where a session goes from one phase to another. */
static void switch_phase(struct dm_session *session, enum phase phase, const char *why) {
    enum phase from = session->phase;
    session->phase = phase;
    tell_switch(session, from, why);
    if (session->timer != 0) {
        g_source_remove(session->timer);
        session->timer = 0;
    }
    if (phases[phase].signal != 0 && session->pid > 0) {
        kill(-session->pid, phases[phase].signal);
        session->ending.asked = true;
    }
    arm_timer(session);
}

/** Say whether mpirun runs and nobody has begun to end it. */
static bool lives(const struct dm_session *session) {
    return session->phase == STARTING || session->phase == UP;
}

static void give_up(struct dm_session *session, const char *why) {
    note_problem(session, why);
    if (lives(session)) {
        switch_phase(session, STOPPING, why);
    }
}

// ---- lines of rank 0

static bool on_hello(struct dm_session *session, const char *line, struct dm_now now,
                     GError **error) {
    struct dm_hello hello = {0};
    if (!dm_hello_parse(line, &hello, error)) {
        return false;
    }
    if (session->phase == STARTING) {
        session->ending.up = true;
        switch_phase(session, UP, "rank 0 has said hello");
        session->events.up(session->events.data, &hello, now);
    }
    dm_hello_clear(&hello);
    return true;
}

static bool on_result(struct dm_session *session, const char *line, struct dm_now now,
                      GError **error) {
    struct dm_result result = {0};
    if (!dm_result_parse(line, &result, error)) {
        return false;
    }
    session->events.result(session->events.data, &result, now);
    dm_result_clear(&result);
    return true;
}

static bool on_event(struct dm_session *session, const char *line, struct dm_now now,
                     GError **error) {
    struct dm_event event = {0};
    if (!dm_event_parse(line, &event, error)) {
        return false;
    }
    session->events.event(session->events.data, &event, now);
    dm_event_clear(&event);
    return true;
}

static bool on_bye(struct dm_session *session, const char *line, struct dm_now now,
                   GError **error) {
    (void)session, (void)line, (void)now, (void)error; // the end of file that follows says it all
    return true;
}

/** A row a verb that rank 0 may say. */
static const struct {
    const char *verb;
    bool (*take)(struct dm_session *session, const char *line, struct dm_now now, GError **error);
} verbs[] = {
    {"result", on_result},
    {"event", on_event},
    {"hello", on_hello},
    {"bye", on_bye},
};

static bool take_line(struct dm_session *session, const char *line, struct dm_now now,
                      GError **error) {
    bool greeted = session->ending.up || dm_line_has_verb(line, "hello");
    for (size_t i = 0; greeted && i < G_N_ELEMENTS(verbs); i++) {
        if (dm_line_has_verb(line, verbs[i].verb)) {
            return verbs[i].take(session, line, now, error);
        }
    }
    return dm_hello_parse(line, &(struct dm_hello){0}, error); // fails and names both versions
}

/** In the story before anything is made of it: it may be what we die of. */
static void on_heard(void *data, const char *lines, size_t length) {
    struct dm_session *session = data;
    dm_story_add(session->story, dm_now().utc_us, DM_STORY_FROM, lines, length);
}

static void on_line(void *data, const char *line) {
    struct dm_session *session = data;
    g_autoptr(GError) error = NULL;
    if (!session->ending.broken && !take_line(session, line, dm_now(), &error)) {
        session->ending.broken = true;
        give_up(session, error->message);
    }
}

static void on_closed(void *data, const char *why) {
    struct dm_session *session = data;
    if (*why != '\0') {
        session->ending.broken = true;
        give_up(session, why);
    } else if (lives(session)) {
        switch_phase(session, FALLING, "rank 0 has closed the connection");
    }
}

// ---- stderr

static void on_output_line(const char *line, void *data) {
    struct dm_session *session = data;
    tell(session, DM_STORY_OUTPUT, line);
    dm_log_of_job(session->job, NULL, DM_LOG_DEBUG, "job %" PRId64 ": %s", session->job, line);
}

/** Read once. Returns false when there is nothing more now. */
static bool read_output(struct dm_session *session, bool *ret_ended) {
    char buffer[READ_BYTES];
    ssize_t n = read(session->output_fd, buffer, sizeof(buffer));
    if (n > 0) {
        dm_mpirun_output_feed(&session->output, buffer, (size_t)n, on_output_line, session);
        return true;
    }
    *ret_ended = n == 0 || (errno != EAGAIN && errno != EINTR);
    return false;
}

static gboolean on_output(gint fd, GIOCondition condition, gpointer data) {
    (void)fd, (void)condition;
    struct dm_session *session = data;
    bool ended = false;
    for (int i = 0; i < READS_A_TURN && read_output(session, &ended); i++) {
    }
    if (!ended) {
        return G_SOURCE_CONTINUE;
    }
    session->output_source = 0;
    return G_SOURCE_REMOVE;
}

// ---- the end

static void on_ranks_gone(void *data) {
    struct dm_session *session = data;
    bool ended;
    dm_link_drain(session->link);
    while (read_output(session, &ended)) {
    }
    switch_phase(session, OVER, "no rank is left");
    session->ending.problem = session->problem;
    session->ending.output = &session->output;
    session->events.over(session->events.data, &session->ending, dm_now()); // may free the session
}

/** The rank that was alone has ended: what mpirun would have told us. */
static void note_rank_end(struct dm_session *session, int status) {
    if (WIFSIGNALED(status)) {
        session->output.rank_signal = WTERMSIG(status);
        session->ending.wait_status = W_EXITCODE(128 + WTERMSIG(status), 0);
    } else {
        session->output.rank_failed = true; // unless we have asked for it, whatever the exit code
    }
}

static void on_child(GPid pid, gint status, gpointer data) {
    struct dm_session *session = data;
    g_spawn_close_pid(pid);
    session->child_source = 0;
    session->pid = 0;
    session->ending.wait_status = status;
    if (session->alone) {
        note_rank_end(session, status);
    }
    g_autofree char *how = dm_child_ending(session->ending.program, status);
    switch_phase(session, REAPING, how);
    dm_link_shut(session->link); // rank 0, if it lives, sees that it should not
    session->reaper =
        dm_reaper_new(session->dir, PATIENCE_US, g_get_monotonic_time(), on_ranks_gone, session);
}

// ---- the start

static bool spawn(struct dm_session *session, const struct dm_session_config *config,
                  GError **error) {
    const struct dm_child child = {
        .argv = config->argv,
        .env = config->env,
        .cwd = config->alone ? "/" : NULL, // as mpirun's --wdir
        .own_network = config->own_network,
        .input = -1,
    };
    if (!dm_child_start(&child, &session->pid, &session->output_fd, error)) {
        return false;
    }
    session->output_source =
        g_unix_fd_add(session->output_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_output, session);
    session->child_source = g_child_watch_add(session->pid, on_child, session);
    return true;
}

static bool make_dir(const char *dir, GError **error) {
    g_autofree char *alive = g_build_filename(dir, DM_REAPER_ALIVE, NULL);
    if (mkdir(dir, 0700) != 0) {
        return dm_fail_errno(error, errno, "cannot make '%s'", dir);
    }
    int fd = open(alive, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return dm_fail_errno(error, errno, "cannot make '%s'", alive);
    }
    close(fd);
    return true;
}

/** A job without a story is better than none. */
static void begin_story(struct dm_session *session, const struct dm_session_config *config) {
    g_autoptr(GError) error = NULL;
    if (config->story == NULL) {
        return;
    }
    session->story = dm_story_new(config->story, &error);
    if (session->story == NULL) {
        dm_log_of_job(session->job, NULL, DM_LOG_WARNING,
                      "%s, will run job %" PRId64 " without its story", error->message,
                      session->job);
    }
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *date = g_date_time_format(now, "%F");
    g_autofree char *command = g_strjoinv(" ", (char **)config->argv);
    g_autofree char *first =
        g_strdup_printf("job %" PRId64 ", %s UTC, dropmilld " DM_VERSION " (process %d)\n%s\n",
                        session->job, date, (int)getpid(), command);
    tell(session, DM_STORY_NOTE, first);
}

static bool start(struct dm_session *session, const struct dm_session_config *config,
                  GError **error) {
    g_autofree char *socket = dm_session_socket(config->dir);
    struct dm_link_events events = {
        .heard = on_heard, .line = on_line, .closed = on_closed, .data = session};
    begin_story(session, config);
    if (!make_dir(config->dir, error)) {
        return false;
    }
    session->link = dm_link_new(socket, &events, error);
    return session->link != NULL && spawn(session, config, error);
}

struct dm_session *dm_session_start(const struct dm_session_config *config,
                                    const struct dm_session_events *events, GError **error) {
    struct dm_session *session = g_new(struct dm_session, 1);
    *session = (struct dm_session){
        .events = *events,
        .job = config->job,
        .dir = g_strdup(config->dir),
        .connect_us = config->connect_us,
        .alone = config->alone,
        .ending.program = config->alone ? "the worker" : "mpirun",
        .output_fd = -1,
        .problem = g_strdup(""),
    };
    dm_mpirun_output_init(&session->output);
    if (!start(session, config, error)) {
        dm_session_free(session);
        return NULL;
    }
    g_autofree char *who =
        g_strdup_printf("%s is process %d", session->ending.program, (int)session->pid);
    switch_phase(session, STARTING, who);
    return session;
}

bool dm_session_is_up(const struct dm_session *session) {
    return session->phase == UP;
}

void dm_session_send(struct dm_session *session, const char *lines, size_t length) {
    dm_story_add(session->story, dm_now().utc_us, DM_STORY_TO, lines, length);
    dm_link_send(session->link, lines, length);
}

void dm_session_leave(struct dm_session *session, const char *why) {
    if (session->phase == UP) {
        session->ending.asked = true;
        dm_session_send(session, "bye\n", 4);
        switch_phase(session, LEAVING, why);
    }
}

void dm_session_hung(struct dm_session *session) {
    if (session->pid > 0) {
        note_problem(session, "it does not answer");
        session->ending.hung = true;
        switch_phase(session, KILLING, "it does not answer");
    }
}

static void remove_source(guint source) {
    if (source != 0) {
        g_source_remove(source);
    }
}

void dm_session_free(struct dm_session *session) {
    if (session == NULL) {
        return;
    }
    remove_source(session->timer);
    remove_source(session->child_source);
    remove_source(session->output_source);
    dm_reaper_free(session->reaper);
    dm_link_free(session->link); // rank 0 sees it and ends the job
    if (session->output_fd >= 0) {
        close(session->output_fd);
    }
    if (session->pid > 0) {
        dm_child_stop(session->pid);
    }
    if (session->phase != OVER) {
        dm_reaper_wait(session->dir, STOP_PATIENCE_US);
    }
    dm_story_free(session->story);
    dm_mpirun_output_clear(&session->output);
    g_free(session->dir);
    g_free(session->problem);
    g_free(session);
}
