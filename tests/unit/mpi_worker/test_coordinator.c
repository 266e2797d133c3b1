// SPDX-License-Identifier: MIT
//
// Rank 0's book, fed with lines: hello for the job, tasks out, results counted, bye, and every kind
// of line that must end the job.
#include "mpi_worker/job/coordinator.h"

#include "common/error.h"

#include <string.h>

static char *task_line(int64_t id, int64_t size) {
    return g_strdup_printf(
        "task\tid=%" G_GINT64_FORMAT "\tattempt=1\tchain=gray\tinput_root=/i"
        "\tinput=gray/a b.jpg\toutput_root=/o\ttemp=gray/t\tsize=%" G_GINT64_FORMAT
        "\tmax_bytes=1\tmax_pixels=1\tdeadline_ms=1\tfuture=1",
        id, size);
}

static void report(struct dm_coordinator *book, size_t rank, const char *lines,
                   const char *expected) {
    GError *error = NULL;
    GString *out = g_string_new(NULL);
    g_assert_true(dm_coordinator_report(book, rank, lines, out, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(out->str, ==, expected);
    g_string_free(out, TRUE);
}

static void order(struct dm_coordinator *book, const char *line) {
    GError *error = NULL;
    g_assert_true(dm_coordinator_order(book, line, 0, &error));
    g_assert_no_error(error);
}

static void order_task(struct dm_coordinator *book, int64_t id, int64_t size) {
    char *line = task_line(id, size);
    order(book, line);
    g_free(line);
}

static void test_hello(void) {
    struct dm_coordinator *book = dm_coordinator_new(3);
    report(book, 2, "hello\tversion=1\tprogram=w 1\tpid=3\tranks=1\tthreads=4\thost=c\n", "");
    g_assert_true(dm_coordinator_expects_reports(book));
    report(book, 0, "hello\tversion=1\tprogram=w 1\tpid=7\tranks=1\tthreads=2\thost=a\n", "");
    report(book, 1, "hello\tversion=1\tprogram=w 1\tpid=5\tranks=1\tthreads=1\thost=b\n",
           "hello\tversion=1\tprogram=w 1\tpid=7\tranks=3\tthreads=7\thost=a\tremark=\t"
           "seats=a:2 b:1 c:4\n");
    g_assert_false(dm_coordinator_expects_reports(book));
    g_assert_false(dm_coordinator_finished(book));
    dm_coordinator_free(book);
}

static struct dm_coordinator *make_up(size_t ranks) {
    struct dm_coordinator *book = dm_coordinator_new(ranks);
    GString *out = g_string_new(NULL);
    for (size_t i = 0; i < ranks; i++) {
        g_assert_true(dm_coordinator_report(
            book, i, "hello\tversion=1\tprogram=w\tpid=1\tranks=1\tthreads=1\n", out, NULL));
    }
    g_string_free(out, TRUE);
    return book;
}

static void test_tasks_go_out_and_come_back(void) {
    struct dm_coordinator *book = make_up(2);
    order_task(book, 1, 10);
    order_task(book, 2, 20);
    size_t rank = 9;
    struct dm_assignment *first = dm_coordinator_next(book, &rank);
    g_assert_cmpint(first->task.id, ==, 2); // the larger
    g_assert_cmpuint(rank, ==, 0);
    g_assert_cmpstr(first->task.input, ==, "gray/a b.jpg");
    g_assert_nonnull(strstr(first->line, "future=1")); // as written
    dm_assignment_free(first);
    struct dm_assignment *second = dm_coordinator_next(book, &rank);
    g_assert_cmpuint(rank, ==, 1);
    dm_assignment_free(second);
    order(book, "bye");
    g_assert_false(dm_coordinator_finished(book));
    const char *lines = "event\tkind=start\tid=1\tattempt=1\trank=1\n"
                        "result\tid=1\tattempt=1\tstatus=done\telapsed_us=5\tnew=x\n";
    report(book, 1, lines, lines);
    g_assert_false(dm_coordinator_finished(book));
    report(book, 0, "result\tid=2\tattempt=1\tstatus=failed\n",
           "result\tid=2\tattempt=1\tstatus=failed\n");
    g_assert_true(dm_coordinator_finished(book));
    dm_coordinator_free(book);
}

static void test_no_line_kept_for_one_rank(void) {
    struct dm_coordinator *book = make_up(1);
    order_task(book, 1, 10);
    order_task(book, 2, 10); // stays inside: freed with the book
    size_t rank;
    struct dm_assignment *next = dm_coordinator_next(book, &rank);
    g_assert_null(next->line);
    dm_assignment_free(next);
    dm_coordinator_free(book);
}

static void test_bad_orders(void) {
    static const char *const cases[] = {
        "", "task", "task\tid=1", "task\tid=x\tattempt=1", "hello\tversion=1", "tusk\tid=1",
    };
    struct dm_coordinator *book = make_up(1);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GError *error = NULL;
        g_assert_false(dm_coordinator_order(book, cases[i], 0, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
        g_clear_error(&error);
    }
    order(book, "bye");
    GError *error = NULL;
    char *late = task_line(1, 1);
    g_assert_false(dm_coordinator_order(book, late, 0, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
    g_clear_error(&error);
    g_free(late);
    dm_coordinator_free(book);
}

static void test_bad_reports(void) {
    static const char *const cases[] = {
        "result\tid=1\tattempt=1\tstatus=done\n", // of a rank without a task
        "result\tid=1\tattempt=1\tstatus=eaten\n",
        "hello\tversion=1\tprogram=w\tpid=1\tranks=1\tthreads=1\n", // a second one
        "hello\tversion=99\tprogram=w\tpid=1\tranks=1\tthreads=1\n",
        "hullo\n",
        "event\tkind=start\tid=1", // torn
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_coordinator *book = make_up(1);
        GString *out = g_string_new(NULL);
        GError *error = NULL;
        g_assert_false(dm_coordinator_report(book, 0, cases[i], out, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_REMOTE);
        g_clear_error(&error);
        g_string_free(out, TRUE);
        dm_coordinator_free(book);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/coordinator/hello", test_hello);
    g_test_add_func("/coordinator/tasks-go-out-and-come-back", test_tasks_go_out_and_come_back);
    g_test_add_func("/coordinator/no-line-kept-for-one-rank", test_no_line_kept_for_one_rank);
    g_test_add_func("/coordinator/bad-orders", test_bad_orders);
    g_test_add_func("/coordinator/bad-reports", test_bad_reports);
    return g_test_run();
}
