// SPDX-License-Identifier: MIT
//
// Who killed the worker: reading stderr, suspects, verdicts, back-off.
#include "watcher/engine/health.h"

#include <glib.h>
#include <signal.h>
#include <string.h>

enum { EXIT_OF_139 = 139 << 8 }; // as waitpid() gives it

static void test_crash_lines(void) {
    static const struct {
        const char *line;
        bool good;
        struct dm_crash crash;
    } cases[] = {
        {"crash SIGSEGV 12 1", true, {"SIGSEGV", 12, 1}},
        {"crash TIMEOUT 9007199254740993 3", true, {"TIMEOUT", 9007199254740993, 3}},
        {"a library saidcrash SIGABRT 5 2", true, {"SIGABRT", 5, 2}},
        {"no crash here, crash SIGBUS 0 0", true, {"SIGBUS", 0, 0}},
        {"crash SIGSEGV", false, {"", 0, 0}},
        {"crash SIGSEGV x 1", false, {"", 0, 0}},
        {"crash of a library 1 2", false, {"", 0, 0}},
        {"", false, {"", 0, 0}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_crash crash = {0};
        g_assert_cmpint(dm_crash_parse(cases[i].line, &crash), ==, cases[i].good);
        g_assert_cmpstr(crash.cause, ==, cases[i].crash.cause);
        g_assert_cmpint(crash.id, ==, cases[i].crash.id);
        g_assert_cmpint(crash.attempt, ==, cases[i].crash.attempt);
    }
}

static void count_line(const char *line, void *user) {
    g_assert_null(strchr(line, '\n'));
    ++*(int *)user;
}

static void feed(struct dm_mpirun_output *output, const char *text) {
    dm_mpirun_output_feed(output, text, strlen(text), NULL, NULL);
}

static void test_mpirun_output(void) {
    static const char text[] =
        "hello\n------\ncrash SIGSEGV 12 1\nmpirun noticed that process rank 0 "
        "exited on signal 11 (Segmentation fault).\nlast";
    struct dm_mpirun_output output;
    dm_mpirun_output_init(&output);
    int lines = 0;
    for (size_t i = 0; i < strlen(text); i++) { // one byte at a time
        dm_mpirun_output_feed(&output, text + i, 1, count_line, &lines);
    }
    g_assert_cmpint(lines, ==, 4);
    g_assert_cmpuint(output.crashes->len, ==, 1);
    g_assert_cmpint(output.rank_signal, ==, 11);
    g_assert_false(output.rank_failed);
    g_autofree char *summary = dm_mpirun_output_summary(&output);
    g_assert_true(g_str_has_prefix(summary, "hello crash SIGSEGV"));
    g_assert_true(g_str_has_suffix(summary, "fault). last"));
    dm_mpirun_output_clear(&output);
}

static void test_mpirun_output_is_bounded(void) {
    struct dm_mpirun_output output;
    dm_mpirun_output_init(&output);
    g_autofree char *block = g_strnfill(100000, 'x');
    for (int i = 0; i < 20; i++) {
        feed(&output, block);
        feed(&output, "line\n");
    }
    g_assert_cmpuint(output.tail->len + output.line->len, <, 20000);
    feed(&output, "the very end\n");
    g_autofree char *summary = dm_mpirun_output_summary(&output);
    g_assert_true(g_str_has_suffix(summary, "the very end"));
    g_assert_cmpuint(strlen(summary), <=, 300);
    dm_mpirun_output_clear(&output);
}

/** One way for a session to end. */
struct end {
    const char *output;
    int status;
    bool asked, hung, broken;
    bool named;         // a crash line names a task of the session: 12, attempt 1
    enum dm_death of12; // which had begun
    enum dm_death of13; // which had begun
    enum dm_death of14; // which had not
    const char *cause;
    bool outside; // killed by somebody
};

static const struct end ends[] = {
    {.output = "crash SIGSEGV 12 1\nexited on signal 11\n",
     .status = EXIT_OF_139,
     .named = true,
     .of12 = DM_DEATH_CRASH,
     .cause = "SIGSEGV"},
    {.output = "crash TIMEOUT 12 1\nExit code:    1\n",
     .status = 1 << 8,
     .named = true,
     .of12 = DM_DEATH_TIMEOUT,
     .cause = "TIMEOUT"},
    {.output = "crash SIGABRT 0 0\n", // a thread without a task
     .status = 134 << 8,
     .of12 = DM_DEATH_UNKNOWN,
     .of13 = DM_DEATH_UNKNOWN,
     .cause = "SIGABRT"},
    {.output = "exited on signal 9 (Killed).\n",
     .status = 137 << 8,
     .of12 = DM_DEATH_UNKNOWN,
     .of13 = DM_DEATH_UNKNOWN,
     .cause = "SIGKILL",
     .outside = true},
    {.output = "  Exit code:    3\n",
     .status = 3 << 8,
     .of12 = DM_DEATH_UNKNOWN,
     .of13 = DM_DEATH_UNKNOWN,
     .cause = "exit code 3"},
    {.output = "", .status = SIGKILL, .cause = "mpirun: SIGKILL", .outside = true},
    {.output = "",
     .status = 1 << 8,
     .of12 = DM_DEATH_UNKNOWN,
     .of13 = DM_DEATH_UNKNOWN,
     .cause = "exit code 1"},
    {.output = "", // in good order, but unasked
     .of12 = DM_DEATH_UNKNOWN,
     .of13 = DM_DEATH_UNKNOWN,
     .cause = "exit code 0"},
    {.output = "", .asked = true, .cause = "exit code 0"},
    {.output = "ORTE has lost communication with a remote daemon.\n",
     .status = 205 << 8,
     .cause = "exit code 205"},
    {.output = "exited on signal 9\n",
     .status = SIGKILL,
     .hung = true,
     .asked = true,
     .of12 = DM_DEATH_UNKNOWN,
     .of13 = DM_DEATH_UNKNOWN,
     .cause = "no answer"},
    {.output = "exited on signal 15\n", .status = 143 << 8, .asked = true, .cause = "SIGTERM"},
    {.output = "",
     .status = 143 << 8,
     .asked = true,
     .broken = true,
     .of12 = DM_DEATH_UNKNOWN,
     .of13 = DM_DEATH_UNKNOWN,
     .cause = "told nonsense"},
};

static void test_deaths(void) {
    static const struct dm_suspect t12 = {12, 1, true}, t13 = {13, 1, true}, t14 = {14, 1, false};
    static const struct dm_suspect other_attempt = {12, 2, true};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        struct dm_mpirun_output output;
        dm_mpirun_output_init(&output);
        feed(&output, ends[i].output);
        struct dm_ending ending = {.up = true,
                                   .asked = ends[i].asked,
                                   .hung = ends[i].hung,
                                   .broken = ends[i].broken,
                                   .wait_status = ends[i].status,
                                   .problem = ends[i].broken ? "told nonsense" : "",
                                   .output = &output};
        bool named = dm_health_named(&ending, &t12, NULL) != DM_DEATH_INNOCENT;
        g_assert_cmpint(named, ==, ends[i].named);
        g_assert_cmpint(dm_health_named(&ending, &other_attempt, NULL), ==, DM_DEATH_INNOCENT);
        g_assert_cmpint(dm_health_death(&ending, &t12, named), ==, ends[i].of12);
        g_assert_cmpint(dm_health_death(&ending, &t13, named), ==, ends[i].of13);
        g_assert_cmpint(dm_health_death(&ending, &t14, named), ==, ends[i].of14);
        g_autofree char *cause = dm_health_cause(&ending);
        g_assert_cmpstr(cause, ==, ends[i].cause);
        g_assert_cmpint(dm_health_from_outside(&ending), ==, ends[i].outside);
        dm_mpirun_output_clear(&output);
    }
}

static void test_exhausted(void) {
    static const struct {
        enum dm_death death;
        int64_t crashes;
        bool alone, exhausted;
    } cases[] = {
        {DM_DEATH_CRASH, 1, true, false},    {DM_DEATH_CRASH, 2, true, true},
        {DM_DEATH_CRASH, 5, false, false},   {DM_DEATH_TIMEOUT, 2, true, true},
        {DM_DEATH_UNKNOWN, 2, true, false},  {DM_DEATH_UNKNOWN, 3, true, false},
        {DM_DEATH_UNKNOWN, 4, true, true},   {DM_DEATH_UNKNOWN, 9, false, false},
        {DM_DEATH_INNOCENT, 9, true, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(dm_health_is_exhausted(cases[i].death, cases[i].crashes, cases[i].alone),
                        ==, cases[i].exhausted);
    }
    g_autofree char *twice = dm_health_message(DM_DEATH_CRASH, 2, "SIGSEGV");
    g_assert_cmpstr(twice, ==, "killed the worker twice (SIGSEGV)");
    g_autofree char *four = dm_health_message(DM_DEATH_UNKNOWN, 4, "SIGKILL");
    g_assert_cmpstr(four, ==, "killed the worker 4 times (SIGKILL)");
    g_assert_cmpint(dm_health_reason(DM_DEATH_TIMEOUT), ==, DM_REASON_TIMEOUT);
    g_assert_cmpint(dm_health_reason(DM_DEATH_UNKNOWN), ==, DM_REASON_WORKER_CRASH);
}

static void test_backoff(void) {
    static const int64_t seconds[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct dm_backoff backoff = {0};
    for (size_t i = 0; i < G_N_ELEMENTS(seconds); i++) {
        g_assert_cmpint(dm_backoff_fail(&backoff, 1000), ==, seconds[i] * 1000000);
        g_assert_cmpint(backoff.until_us, ==, 1000 + seconds[i] * 1000000);
    }
    dm_backoff_reset(&backoff);
    g_assert_cmpint(backoff.until_us, ==, 0);
    g_assert_cmpint(dm_backoff_fail(&backoff, 0), ==, 1000000);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/health/crash-lines", test_crash_lines);
    g_test_add_func("/health/mpirun-output", test_mpirun_output);
    g_test_add_func("/health/mpirun-output-is-bounded", test_mpirun_output_is_bounded);
    g_test_add_func("/health/deaths", test_deaths);
    g_test_add_func("/health/exhausted", test_exhausted);
    g_test_add_func("/health/backoff", test_backoff);
    return g_test_run();
}
