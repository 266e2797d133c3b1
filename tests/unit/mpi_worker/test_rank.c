// SPDX-License-Identifier: MIT
//
// The loop of a rank over a transport without MPI: the rank runs on a thread of its own, and the
// test is the ranks around it and, for rank 0, the watcher. What ends a job badly runs in a child.
#include "mpi_worker/job/rank.h"

#include "common/queue.h"
#include "mpi_worker/job/transport.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_S = 20, RANKS = 2 };

// ---- the transport

struct fake {
    struct dm_transport interface;
    struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        GQueue arrivals;       // of struct dm_message, for the rank
        GPtrArray *left;       // of char *: all that the rank sent, "1 REPORTS\n" and lines
        bool under_way[RANKS]; // a message to that rank has not left
        bool held;             // messages stay under way
        int turns;             // how often the rank has looked for messages and found none
    } synced;
};

static struct fake *fake_of(struct dm_transport *self) {
    return (struct fake *)self;
}

static void fake_send(struct dm_transport *self, int to, enum dm_message_kind kind,
                      const char *bytes, size_t size) {
    static const char *const names[] = {
        [DM_MESSAGE_TASKS] = "TASKS", [DM_MESSAGE_REPORTS] = "REPORTS", [DM_MESSAGE_BYE] = "BYE"};
    struct fake *fake = fake_of(self);
    pthread_mutex_lock(&fake->synced.lock);
    g_assert_false(fake->synced.under_way[to]);
    fake->synced.under_way[to] = true;
    g_ptr_array_add(fake->synced.left,
                    g_strdup_printf("%d %s\n%.*s", to, names[kind], (int)size, bytes ? bytes : ""));
    pthread_cond_broadcast(&fake->synced.changed);
    pthread_mutex_unlock(&fake->synced.lock);
}

static bool fake_sent(struct dm_transport *self, int to) {
    struct fake *fake = fake_of(self);
    pthread_mutex_lock(&fake->synced.lock);
    fake->synced.under_way[to] = fake->synced.under_way[to] && fake->synced.held;
    bool sent = !fake->synced.under_way[to];
    pthread_mutex_unlock(&fake->synced.lock);
    return sent;
}

static bool fake_receive(struct dm_transport *self, struct dm_message *ret) {
    struct fake *fake = fake_of(self);
    pthread_mutex_lock(&fake->synced.lock);
    struct dm_message *message = g_queue_pop_head(&fake->synced.arrivals);
    fake->synced.turns += message == NULL;
    pthread_cond_broadcast(&fake->synced.changed);
    pthread_mutex_unlock(&fake->synced.lock);
    if (message == NULL) {
        return false;
    }
    *ret = *message;
    g_free(message);
    return true;
}

static bool fake_receiving(struct dm_transport *self) {
    (void)self;
    return false;
}

/** Only in a child: nobody could go on after this. */
static void fake_abort(struct dm_transport *self, int code) {
    (void)self;
    fprintf(stderr, "aborted with %d\n", code);
    _exit(1);
}

static struct fake *fake_new(int rank) {
    struct fake *fake = g_new0(struct fake, 1);
    fake->interface = (struct dm_transport){.rank = rank,
                                            .rank_count = RANKS,
                                            .neighbours = 1,
                                            .send = fake_send,
                                            .sent = fake_sent,
                                            .receive = fake_receive,
                                            .receiving = fake_receiving,
                                            .abort = fake_abort};
    pthread_mutex_init(&fake->synced.lock, NULL);
    pthread_cond_init(&fake->synced.changed, NULL);
    fake->synced.left = g_ptr_array_new_with_free_func(g_free);
    return fake;
}

static void fake_free(struct fake *fake) {
    pthread_mutex_destroy(&fake->synced.lock);
    pthread_cond_destroy(&fake->synced.changed);
    g_ptr_array_unref(fake->synced.left);
    g_free(fake);
}

static void deliver(struct fake *fake, enum dm_message_kind kind, int from, const char *text) {
    struct dm_message *message = g_new(struct dm_message, 1);
    *message = (struct dm_message){
        .kind = kind, .from = from, .bytes = g_strdup(text), .size = strlen(text)};
    pthread_mutex_lock(&fake->synced.lock);
    g_queue_push_tail(&fake->synced.arrivals, message);
    pthread_mutex_unlock(&fake->synced.lock);
}

static void hold(struct fake *fake) {
    pthread_mutex_lock(&fake->synced.lock);
    fake->synced.held = true;
    pthread_mutex_unlock(&fake->synced.lock);
}

/** Let messages leave again. Returns how many the rank has sent until now. */
static int release(struct fake *fake) {
    pthread_mutex_lock(&fake->synced.lock);
    fake->synced.held = false;
    int count = (int)fake->synced.left->len;
    pthread_mutex_unlock(&fake->synced.lock);
    return count;
}

/** Wait until @done(@fake, @wanted), at most PATIENCE_S. */
static void await(struct fake *fake, bool (*done)(const struct fake *fake, int wanted),
                  int wanted) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&fake->synced.lock);
    int failed = 0;
    while (failed == 0 && !done(fake, wanted)) {
        failed = pthread_cond_timedwait(&fake->synced.changed, &fake->synced.lock, &until);
    }
    pthread_mutex_unlock(&fake->synced.lock);
    g_assert_cmpint(failed, ==, 0);
}

static bool has_left(const struct fake *fake, int count) {
    return (int)fake->synced.left->len >= count;
}

static bool has_turned(const struct fake *fake, int turns) {
    return fake->synced.turns >= turns;
}

/** The rank has begun a turn and ended it after this was called. */
static void await_a_turn(struct fake *fake) {
    pthread_mutex_lock(&fake->synced.lock);
    int turns = fake->synced.turns;
    pthread_mutex_unlock(&fake->synced.lock);
    await(fake, has_turned, turns + 2);
}

/** Message number @index of all that the rank sent; valid until the next one. */
static const char *message_at(struct fake *fake, int index) {
    await(fake, has_left, index + 1);
    pthread_mutex_lock(&fake->synced.lock);
    const char *message = g_ptr_array_index(fake->synced.left, index);
    pthread_mutex_unlock(&fake->synced.lock);
    return message;
}

// ---- the rank

/** A rank at work, and what its only thread waits for. */
struct stage {
    struct fake *fake;
    struct dm_queue *runs;    // a task was begun
    struct dm_queue *permits; // and may end
    char *dir;
    struct dm_rank_options options;
    pthread_t thread;
};

static void run(void *data, const struct dm_task *task, struct dm_result *ret) {
    struct stage *stage = data;
    dm_queue_push(stage->runs, stage);
    dm_queue_pop(stage->permits);
    *ret = (struct dm_result){.id = task->id,
                              .attempt = task->attempt,
                              .status = DM_STATUS_DONE,
                              .message = g_strdup(""),
                              .format = g_strdup("jpeg")};
}

static void *stage_main(void *data) {
    struct stage *stage = data;
    dm_rank_run(&stage->options, &stage->fake->interface);
    return NULL;
}

static struct stage *stage_new(int rank) {
    struct stage *stage = g_new0(struct stage, 1);
    stage->fake = fake_new(rank);
    stage->runs = dm_queue_new();
    stage->permits = dm_queue_new();
    stage->dir = g_dir_make_tmp("dropmill-rank-XXXXXX", NULL);
    stage->options =
        (struct dm_rank_options){.socket_path = g_build_filename(stage->dir, "socket", NULL),
                                 .threads = 1,
                                 .work = {.run = run, .data = stage}};
    return stage;
}

static void stage_start(struct stage *stage) {
    g_assert_cmpint(pthread_create(&stage->thread, NULL, stage_main, stage), ==, 0);
}

static void permit(struct stage *stage, int count) {
    for (int i = 0; i < count; i++) {
        dm_queue_push(stage->permits, stage);
    }
}

/** Wait for the rank's end. */
static void stage_end(struct stage *stage) {
    pthread_join(stage->thread, NULL);
    g_unlink(stage->options.socket_path);
    g_rmdir(stage->dir);
    g_free((char *)stage->options.socket_path);
    g_free(stage->dir);
    while (dm_queue_try_pop(stage->runs) != NULL) {
    }
    dm_queue_free(stage->runs);
    dm_queue_free(stage->permits);
    fake_free(stage->fake);
    g_free(stage);
}

/** The lines of @count tasks from @first on. */
static char *task_lines(int first, int count, int deadline_ms) {
    GString *lines = g_string_new(NULL);
    for (int i = first; i < first + count; i++) {
        g_string_append_printf(lines,
                               "task\tid=%d\tattempt=1\tchain=copy\tinput_root=/i\tinput=copy/a"
                               "\toutput_root=/o\ttemp=copy/t\tsize=1\tmax_bytes=1\tmax_pixels=1"
                               "\tdeadline_ms=%d\n",
                               i, deadline_ms);
    }
    return g_string_free(lines, FALSE);
}

static int count_of(const char *text, const char *word) {
    int count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) {
        count++;
    }
    return count;
}

// ---- a rank that works

static void test_hello_comes_first(void) {
    struct stage *stage = stage_new(1);
    stage->options.remark = "no jail";
    stage_start(stage);
    const char *hello = message_at(stage->fake, 0);
    g_assert_true(g_str_has_prefix(hello, "0 REPORTS\nhello\t"));
    g_assert_nonnull(strstr(hello, "\tthreads=1\t"));
    g_assert_nonnull(strstr(hello, "\tremark=no jail"));
    deliver(stage->fake, DM_MESSAGE_BYE, 0, "");
    stage_end(stage);
}

static void test_tasks_are_reported(void) {
    struct stage *stage = stage_new(1);
    g_autofree char *tasks = task_lines(5, 1, 0);
    stage_start(stage);
    message_at(stage->fake, 0);
    deliver(stage->fake, DM_MESSAGE_TASKS, 0, tasks);
    g_assert_true(g_str_has_prefix(message_at(stage->fake, 1),
                                   "0 REPORTS\nevent\tkind=start\tid=5\tattempt=1\trank=1\n"));
    permit(stage, 1);
    g_assert_true(g_str_has_prefix(message_at(stage->fake, 2), "0 REPORTS\nresult\tid=5\t"));
    deliver(stage->fake, DM_MESSAGE_BYE, 0, "");
    stage_end(stage);
}

static void test_lines_gather_while_a_message_is_under_way(void) {
    struct stage *stage = stage_new(1);
    g_autofree char *tasks = task_lines(1, 20, 0);
    hold(stage->fake);
    stage_start(stage);
    message_at(stage->fake, 0);
    deliver(stage->fake, DM_MESSAGE_TASKS, 0, tasks);
    permit(stage, 19);
    for (int i = 0; i < 20; i++) {
        dm_queue_pop(stage->runs);
    }
    await_a_turn(stage->fake);
    g_assert_cmpint(release(stage->fake), ==, 1);
    g_assert_cmpint(count_of(message_at(stage->fake, 1), "\nresult\t"), ==, 19);
    permit(stage, 1);
    deliver(stage->fake, DM_MESSAGE_BYE, 0, "");
    stage_end(stage);
}

// ---- rank 0, between the watcher and rank 1

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(listener, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    return listener;
}

/** Let rank 0 connect; the watcher's end as a stream. */
static FILE *be_the_watcher(struct stage *stage) {
    int listener = listen_at(stage->options.socket_path);
    stage_start(stage);
    int fd = accept(listener, NULL, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(listener);
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return fdopen(fd, "r+");
}

static void say(FILE *watcher, const char *lines) {
    g_assert_cmpint(fputs(lines, watcher), !=, EOF);
    g_assert_cmpint(fflush(watcher), ==, 0);
}

/** Read the next line; it begins with @prefix. */
static void hear(FILE *watcher, const char *prefix) {
    char line[1024] = "";
    g_assert_nonnull(fgets(line, sizeof(line), watcher));
    g_assert_cmpstr(prefix, !=, "");
    line[strlen(prefix)] = '\0';
    g_assert_cmpstr(line, ==, prefix);
}

static void test_first_rank_hands_out_and_says_bye(void) {
    struct stage *stage = stage_new(0);
    g_autofree char *tasks = task_lines(1, 2, 0);
    FILE *watcher = be_the_watcher(stage);
    deliver(stage->fake, DM_MESSAGE_REPORTS, 1,
            "hello\tversion=1\tprogram=w\tpid=3\tranks=1\tthreads=1\thost=h\n");
    hear(watcher, "hello\t");
    say(watcher, tasks);
    hear(watcher, "event\tkind=start\tid=1\tattempt=1\trank=0\n");
    g_assert_true(g_str_has_prefix(message_at(stage->fake, 0), "1 TASKS\ntask\tid=2\t"));
    say(watcher, "bye\n");
    permit(stage, 1);
    hear(watcher, "result\tid=1\t");
    deliver(stage->fake, DM_MESSAGE_REPORTS, 1,
            "result\tid=2\tattempt=1\tstatus=done\treason=\tmessage=\tformat=jpeg\twidth=1"
            "\theight=1\tbytes=1\telapsed_us=1\thost=h\trank=1\n");
    hear(watcher, "result\tid=2\t");
    hear(watcher, "bye\n");
    g_assert_cmpstr(message_at(stage->fake, 1), ==, "1 BYE\n");
    stage_end(stage);
    fclose(watcher);
}

// ---- ending badly

/** In a child: rank 1 is given @tasks. It does not come back. */
static void be_given(const char *tasks) {
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR); // its last words are no failure of the test
    struct stage *stage = stage_new(1);
    deliver(stage->fake, DM_MESSAGE_TASKS, 0, tasks);
    stage_start(stage);
    pthread_join(stage->thread, NULL);
}

static void test_nonsense_ends_the_job(void) {
    if (g_test_subprocess()) {
        be_given("task\tid=what\n");
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*, ending the job*aborted with 70\n");
}

static void test_overdue_task_ends_the_job(void) {
    if (g_test_subprocess()) {
        g_autofree char *tasks = task_lines(5, 1, 1);
        be_given(tasks);
    }
    g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
    g_test_trap_assert_failed();
    g_test_trap_assert_stderr("*crash TIMEOUT 5 1\naborted with 75\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rank/hello-comes-first", test_hello_comes_first);
    g_test_add_func("/rank/tasks-are-reported", test_tasks_are_reported);
    g_test_add_func("/rank/lines-gather-while-a-message-is-under-way",
                    test_lines_gather_while_a_message_is_under_way);
    g_test_add_func("/rank/first-rank-hands-out-and-says-bye",
                    test_first_rank_hands_out_and_says_bye);
    g_test_add_func("/rank/nonsense-ends-the-job", test_nonsense_ends_the_job);
    g_test_add_func("/rank/overdue-task-ends-the-job", test_overdue_task_ends_the_job);
    return g_test_run();
}
