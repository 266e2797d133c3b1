// SPDX-License-Identifier: MIT
//
// One job against a fake mpirun and worker: every way in which it begins and ends, and what is
// left.
#include "watcher/engine/session.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "tests/unit/watcher/support/fake_job.h"
#include "watcher/engine/reaper.h"
#include "watcher/engine/story.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/** A session in a directory of its own, and what it told. */
struct rig {
    char *root, *dir, *story, *mpirun, *worker;
    struct dm_session *session;
    bool up, over;
    int64_t threads;
    int results, starts;
    // Its problem and its output are copied below.
    struct dm_ending ending;
    char *problem, *said;
    int rank_signal, crashes;
};

static void on_up(void *data, const struct dm_hello *hello, struct dm_now now) {
    (void)now;
    struct rig *rig = data;
    g_assert_false(rig->up);
    rig->up = true;
    rig->threads = hello->threads;
}

static void on_result(void *data, const struct dm_result *result, struct dm_now now) {
    (void)now;
    struct rig *rig = data;
    g_assert_false(rig->over);
    rig->results += result->status == DM_STATUS_DONE;
}

static void on_event(void *data, const struct dm_event *event, struct dm_now now) {
    (void)now;
    struct rig *rig = data;
    rig->starts += strcmp(event->kind, "start") == 0;
}

static void on_over(void *data, const struct dm_ending *ending, struct dm_now now) {
    (void)now;
    struct rig *rig = data;
    g_assert_false(rig->over);
    rig->over = true;
    rig->ending = *ending;
    rig->problem = g_strdup(ending->problem);
    rig->said = dm_mpirun_output_summary(ending->output);
    rig->rank_signal = ending->output->rank_signal;
    rig->crashes = (int)ending->output->crashes->len;
    dm_session_free(rig->session); // allowed here
    rig->session = NULL;
}

static struct rig *rig_new(const char *fake, int64_t connect_us) {
    struct rig *rig = g_new0(struct rig, 1);
    rig->root = g_dir_make_tmp("dm-session-XXXXXX", NULL);
    rig->dir = g_build_filename(rig->root, "session-1", NULL);
    rig->story = dm_story_path(rig->root, 1);
    rig->mpirun = fake_mpirun_path(rig->root);
    rig->worker = fake_worker_path();
    g_autofree char *socket = dm_session_socket(rig->dir);
    const char *argv[] = {rig->mpirun, rig->worker, "--session", socket, "--threads",
                          "3",         "--memory",  "0",         NULL};
    g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "DM_FAKE", fake, TRUE);
    bool alone = strcmp(fake, "alone") == 0;
    struct dm_session_config config = {.job = 1,
                                       .dir = rig->dir,
                                       .story = rig->story,
                                       .argv = alone ? argv + 1 : argv,
                                       .env = (const char *const *)env,
                                       .alone = alone,
                                       .connect_us = connect_us};
    struct dm_session_events events = {on_up, on_result, on_event, on_over, rig};
    g_autoptr(GError) error = NULL;
    rig->session = dm_session_start(&config, &events, &error);
    g_assert_no_error(error);
    return rig;
}

static void rig_free(struct rig *rig) {
    dm_session_free(rig->session);
    g_assert_false(g_file_test(rig->dir, G_FILE_TEST_EXISTS));
    dm_remove_tree(rig->root);
    g_free(rig->root);
    g_free(rig->dir);
    g_free(rig->story);
    g_free(rig->mpirun);
    g_free(rig->worker);
    g_free(rig->problem);
    g_free(rig->said);
    g_free(rig);
}

static bool is_up(void *data) {
    return ((struct rig *)data)->up;
}

static bool is_over(void *data) {
    return ((struct rig *)data)->over;
}

static bool has_answers(void *data) {
    return ((struct rig *)data)->results >= 100;
}

static void send_task(struct rig *rig, int64_t id, const char *input) {
    struct dm_task task = {
        .id = id,
        .attempt = 1,
        .chain = (char *)"copy",
        .input_root = rig->root,
        .input = (char *)input,
        .output_root = rig->root,
        .temp = (char *)"t",
    };
    g_autofree char *line = dm_task_line(&task);
    dm_session_send(rig->session, line, strlen(line));
}

static void test_normal(void) {
    struct rig *rig = rig_new("", 5000000);
    g_assert_false(dm_session_is_up(rig->session));
    g_assert_true(fake_wait(is_up, rig, 10));
    g_assert_true(dm_session_is_up(rig->session));
    g_assert_cmpint(rig->threads, ==, 3);
    g_assert_true(g_file_test(rig->dir, G_FILE_TEST_IS_DIR));
    for (int i = 1; i <= 100; i++) {
        send_task(rig, i, "a.jpg");
    }
    g_assert_true(fake_wait(has_answers, rig, 10));
    g_assert_cmpint(rig->starts, ==, 100);
    dm_session_leave(rig->session, "the test is over");
    g_assert_false(dm_session_is_up(rig->session));
    g_assert_true(fake_wait(is_over, rig, 10));
    g_assert_true(rig->ending.up);
    g_assert_true(rig->ending.asked);
    g_assert_cmpint(rig->ending.wait_status, ==, 0);
    g_assert_cmpstr(rig->problem, ==, "");
    rig_free(rig);
}

static void test_other_version(void) {
    struct rig *rig = rig_new("version", 5000000);
    g_assert_true(fake_wait(is_over, rig, 10));
    g_assert_false(rig->up);
    g_assert_nonnull(strstr(rig->problem, "speaks 2, expected 1"));
    rig_free(rig);
}

static void test_never_connects(void) {
    struct rig *rig = rig_new("silent", 200000);
    g_assert_true(fake_wait(is_over, rig, 10));
    g_assert_false(rig->up);
    g_assert_cmpstr(rig->problem, ==, "rank 0 did not answer within 0.2 s");
    rig_free(rig);
}

static void test_exits_at_once(void) {
    struct rig *rig = rig_new("exit", 5000000);
    g_assert_true(fake_wait(is_over, rig, 10));
    g_assert_false(rig->up);
    g_assert_false(rig->ending.asked);
    g_assert_cmpint(WEXITSTATUS(rig->ending.wait_status), ==, 5);
    g_assert_nonnull(strstr(rig->said, "libfoo.so.7: cannot open shared object file"));
    rig_free(rig);
}

static void test_flood(void) {
    struct rig *rig = rig_new("flood", 10000000); // 1 MB on stderr before it connects
    g_assert_true(fake_wait(is_up, rig, 20));
    dm_session_leave(rig->session, "the test is over");
    g_assert_true(fake_wait(is_over, rig, 10));
    g_assert_cmpuint(strlen(rig->said), >, 50);
    g_assert_cmpuint(strlen(rig->said), <=, 300);
    rig_free(rig);
}

/** A task that ends the job in some way. */
static struct rig *die_of(const char *fake, const char *input) {
    struct rig *rig = rig_new(fake, 5000000);
    g_assert_true(fake_wait(is_up, rig, 10));
    send_task(rig, 12, input);
    g_assert_true(fake_wait(is_over, rig, 20));
    g_assert_cmpint(rig->starts, ==, 1);
    g_assert_true(rig->ending.up);
    return rig;
}

static void test_crash(void) {
    struct rig *rig = die_of("", "crash-me.jpg");
    g_assert_cmpint(rig->crashes, ==, 1);
    g_assert_false(rig->ending.asked);
    g_assert_cmpint(WEXITSTATUS(rig->ending.wait_status), ==, 128 + SIGSEGV);
    rig_free(rig);
}

/** The story of a job reads like a letter: @expected stands in it, line after line. */
static void assert_story(const struct rig *rig, const char *const *expected) {
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(rig->story, &text, NULL, NULL));
    const char *at = text;
    for (; *expected != NULL; expected++) {
        const char *found = strstr(at, *expected);
        if (found == NULL) {
            g_printerr("'%s' does not stand where it should in:\n%s", *expected, text);
            g_test_fail();
            return;
        }
        at = found + strlen(*expected);
    }
}

static void test_story(void) {
    // Socket, stderr and the end of a process come by ways of their own: each is in order.
    static const char *const notes[] = {
        " - job 1, ",
        " - new -> starting (mpirun is process ",
        " - starting -> up (rank 0 has said hello)\n",
        " -> reaping (mpirun ended with exit code 139)\n", // from up, if falling was too short
        " - reaping -> over (no rank is left)\n",
        NULL,
    };
    static const char *const lines[] = {
        " < hello\t",
        " > task\tid=12\tattempt=1\t",
        " < event\tkind=start\tid=12\tattempt=1\t",
        NULL,
    };
    static const char *const output[] = {
        " > task\tid=12\tattempt=1\t",
        " | crash SIGSEGV 12 1\n",
        " | mpirun noticed that process rank 0 ",
        " - reaping -> over ",
        NULL,
    };
    struct rig *rig = die_of("", "crash-me.jpg");
    assert_story(rig, notes);
    assert_story(rig, lines);
    assert_story(rig, output);
    rig_free(rig);
}

static void test_story_of_order(void) {
    static const char *const notes[] = {
        " - up -> leaving (the test is over)\n",
        " - leaving -> reaping (mpirun ended with exit code 0)\n",
        NULL,
    };
    static const char *const lines[] = {" > bye\n", " < bye\n", " - reaping -> over ", NULL};
    struct rig *rig = rig_new("", 5000000);
    g_assert_true(fake_wait(is_up, rig, 10));
    dm_session_leave(rig->session, "the test is over");
    g_assert_true(fake_wait(is_over, rig, 10));
    assert_story(rig, notes);
    assert_story(rig, lines);
    rig_free(rig);
}

static void test_rank_killed(void) {
    struct rig *rig = die_of("", "kill-me.jpg");
    g_assert_cmpint(rig->crashes, ==, 0);
    g_assert_nonnull(strstr(rig->said, "exited on signal 9"));
    rig_free(rig);
}

/** Without mpirun: the same ends, told in the same words. */
static void test_alone(void) {
    static const struct {
        const char *input;
        int rank_signal, exit_code, crashes;
    } cases[] = {
        {"crash-me.jpg", SIGSEGV, 128 + SIGSEGV, 1},
        {"kill-me.jpg", SIGKILL, 128 + SIGKILL, 0},
        {"timeout-me.jpg", 0, 1, 1},
        {"exit-once.jpg", 0, 3, 0},
        {"leave-me.jpg", 0, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct rig *rig = die_of("alone", cases[i].input);
        g_assert_false(rig->ending.asked);
        g_assert_cmpint(rig->rank_signal, ==, cases[i].rank_signal);
        g_assert_true(WIFEXITED(rig->ending.wait_status));
        g_assert_cmpint(WEXITSTATUS(rig->ending.wait_status), ==, cases[i].exit_code);
        g_assert_cmpint(rig->crashes, ==, cases[i].crashes);
        rig_free(rig);
    }
    struct rig *rig = rig_new("alone", 5000000);
    g_assert_true(fake_wait(is_up, rig, 10));
    dm_session_leave(rig->session, "the test is over");
    g_assert_true(fake_wait(is_over, rig, 10));
    g_assert_cmpint(rig->ending.wait_status, ==, 0);
    rig_free(rig);
}

static void test_mpirun_killed(void) {
    struct rig *rig = die_of("", "mpirun-once.jpg");
    g_assert_true(WIFSIGNALED(rig->ending.wait_status));
    g_assert_cmpint(rig->crashes, ==, 0);
    rig_free(rig);
}

/** It hangs up and lives on: ended by us, and not in good order. */
static void test_hung_up(void) {
    struct rig *rig = die_of("", "hang-up.jpg");
    g_assert_true(rig->ending.broken);
    g_assert_cmpstr(rig->problem, ==, "rank 0 has closed the connection");
    rig_free(rig);
}

static void test_hung(void) {
    struct rig *rig = rig_new("", 5000000);
    g_assert_true(fake_wait(is_up, rig, 10));
    dm_session_hung(rig->session);
    g_assert_true(fake_wait(is_over, rig, 10));
    g_assert_true(rig->ending.hung);
    rig_free(rig);
}

static void test_free_ends_it(void) {
    struct rig *rig = rig_new("", 5000000);
    g_assert_true(fake_wait(is_up, rig, 10));
    send_task(rig, 1, "stop-once.jpg"); // a rank that hears nothing any more
    g_main_context_iteration(NULL, FALSE);
    int64_t before = g_get_monotonic_time();
    rig_free(rig);
    g_assert_cmpint(g_get_monotonic_time() - before, <, 3000000);
}

static void test_no_mpirun(void) {
    g_autofree char *root = g_dir_make_tmp("dm-session-XXXXXX", NULL);
    g_autofree char *dir = g_build_filename(root, "session-1", NULL);
    const char *argv[] = {"/nonexistent/mpirun", NULL};
    struct dm_session_config config = {
        .job = 1, .dir = dir, .argv = argv, .env = argv + 1, .connect_us = 1000000};
    struct dm_session_events events = {on_up, on_result, on_event, on_over, NULL};
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_session_start(&config, &events, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_SYSTEM);
    g_assert_nonnull(strstr(error->message, "cannot start '/nonexistent/mpirun'"));
    g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
    dm_remove_tree(root);
}

static void test_path_too_long(void) {
    g_autofree char *root = g_dir_make_tmp("dm-session-XXXXXX", NULL);
    g_autofree char *name = g_strnfill(100, 'x');
    g_autofree char *dir = g_build_filename(root, name, NULL);
    const char *argv[] = {"/bin/true", NULL};
    struct dm_session_config config = {
        .job = 1, .dir = dir, .argv = argv, .env = argv + 1, .connect_us = 1000000};
    struct dm_session_events events = {on_up, on_result, on_event, on_over, NULL};
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_session_start(&config, &events, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, "expected at most 107"));
    dm_remove_tree(root);
}

// ---- ranks that outlive their mpirun

static void set_flag(void *data) {
    *(bool *)data = true;
}

static bool is_set(void *data) {
    return *(bool *)data;
}

/** A process of its own that holds the lock in @dir until it is killed. Returns its id. */
static pid_t hold(const char *dir) {
    g_autofree char *alive = g_build_filename(dir, DM_REAPER_ALIVE, NULL);
    int fd = open(alive, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(flock(fd, LOCK_SH), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            pause();
        }
    }
    close(fd);
    return pid;
}

static void ignore_log(const char *domain, GLogLevelFlags level, const char *message,
                       gpointer data) {
    (void)domain, (void)level, (void)message, (void)data;
}

static void test_reaper_wait(void) {
    g_autofree char *root = g_dir_make_tmp("dm-reaper-XXXXXX", NULL);
    g_autofree char *dir = g_build_filename(root, "session-4", NULL);
    g_assert_cmpint(mkdir(dir, 0700), ==, 0);
    pid_t pid = hold(dir);
    bool gone = false;
    struct dm_reaper *reaper =
        dm_reaper_new(dir, 60000000, g_get_monotonic_time(), set_flag, &gone);
    g_assert_false(fake_wait(is_set, &gone, 0));
    for (int i = 0; i < 5; i++) {
        g_main_context_iteration(NULL, TRUE); // five looks
    }
    g_assert_false(gone);
    g_assert_true(g_file_test(dir, G_FILE_TEST_EXISTS));
    kill(pid, SIGKILL);
    g_assert_true(fake_wait(is_set, &gone, 10));
    g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
    dm_reaper_free(reaper);
    waitpid(pid, NULL, 0);
    dm_remove_tree(root);
}

static void test_reaper_kill(void) {
    g_autofree char *root = g_dir_make_tmp("dm-reaper-XXXXXX", NULL);
    g_autofree char *dir = g_build_filename(root, "session-4", NULL);
    g_assert_cmpint(mkdir(dir, 0700), ==, 0);
    pid_t pid = hold(dir);
    bool gone = false;
    struct dm_reaper *reaper = dm_reaper_new(dir, 50000, g_get_monotonic_time(), set_flag, &gone);
    g_assert_true(fake_wait(is_set, &gone, 10));
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    g_assert_false(g_file_test(dir, G_FILE_TEST_EXISTS));
    dm_reaper_free(reaper);
    dm_remove_tree(root);
}

int main(int argc, char **argv) {
    int fake = fake_job_main(argc, argv);
    if (fake >= 0) {
        return fake;
    }
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_FATAL_MASK); // warnings are what some cases are about
    g_log_set_default_handler(ignore_log, NULL);
    g_test_add_func("/session/normal", test_normal);
    g_test_add_func("/session/other-version", test_other_version);
    g_test_add_func("/session/never-connects", test_never_connects);
    g_test_add_func("/session/exits-at-once", test_exits_at_once);
    g_test_add_func("/session/flood", test_flood);
    g_test_add_func("/session/crash", test_crash);
    g_test_add_func("/session/story", test_story);
    g_test_add_func("/session/story-of-order", test_story_of_order);
    g_test_add_func("/session/rank-killed", test_rank_killed);
    g_test_add_func("/session/alone", test_alone);
    g_test_add_func("/session/mpirun-killed", test_mpirun_killed);
    g_test_add_func("/session/hung-up", test_hung_up);
    g_test_add_func("/session/hung", test_hung);
    g_test_add_func("/session/free-ends-it", test_free_ends_it);
    g_test_add_func("/session/no-mpirun", test_no_mpirun);
    g_test_add_func("/session/path-too-long", test_path_too_long);
    g_test_add_func("/reaper/wait", test_reaper_wait);
    g_test_add_func("/reaper/kill", test_reaper_kill);
    return g_test_run();
}
