// SPDX-License-Identifier: MIT
//
// Seats: ranks on hosts, how busy they are, two jobs on one machine.
#include "watcher/engine/seats.h"

#include <string.h>

static void free_host(void *data) {
    dm_engine_host_free(data);
}

static GPtrArray *new_hosts(void) {
    return g_ptr_array_new_with_free_func(free_host);
}

static void check(const GPtrArray *hosts, guint i, const char *name, int64_t busy, int64_t threads,
                  const char *state) {
    g_assert_cmpuint(i, <, hosts->len);
    const struct dm_engine_host *host = hosts->pdata[i];
    g_assert_cmpstr(host->name, ==, name);
    g_assert_cmpint(host->busy, ==, busy);
    g_assert_cmpint(host->threads, ==, threads);
    g_assert_cmpstr(host->state, ==, state);
}

static void test_counts(void) {
    struct dm_seats *seats = dm_seats_new();
    dm_seats_count(seats, 0, 1); // of nobody
    dm_seats_take(seats, "box:4 attic:8 box:2");
    dm_seats_count(seats, 0, 1);
    dm_seats_count(seats, 0, 1);
    dm_seats_count(seats, 2, 1);
    dm_seats_count(seats, 1, 1);
    dm_seats_count(seats, 1, -1);
    dm_seats_count(seats, 3, 1);
    dm_seats_count(seats, -1, 1);
    g_autoptr(GPtrArray) hosts = new_hosts();
    dm_seats_add_hosts(seats, "warm", hosts);
    g_assert_cmpuint(hosts->len, ==, 2);
    check(hosts, 0, "box", 3, 6, "warm");
    check(hosts, 1, "attic", 0, 8, "warm");
    dm_seats_rest(seats);
    g_ptr_array_set_size(hosts, 0);
    dm_seats_add_hosts(seats, "idle", hosts);
    check(hosts, 0, "box", 0, 6, "idle");
    dm_seats_free(seats);
    dm_seats_free(NULL);
}

/** The job of the suspects has a thread on a machine whose threads the other job has named. */
static void test_two_jobs(void) {
    struct dm_seats *normal = dm_seats_new(), *suspects = dm_seats_new();
    dm_seats_take(normal, "box:4");
    dm_seats_take(suspects, "box:1");
    dm_seats_count(normal, 0, 1);
    dm_seats_count(suspects, 0, 1);
    g_autoptr(GPtrArray) hosts = new_hosts();
    dm_seats_add_hosts(normal, "warm", hosts);
    dm_seats_add_hosts(suspects, "idle", hosts);
    g_assert_cmpuint(hosts->len, ==, 1);
    check(hosts, 0, "box", 2, 4, "warm");
    dm_seats_free(normal);
    dm_seats_free(suspects);
}

static void test_nonsense(void) {
    struct dm_seats *seats = dm_seats_new();
    g_autoptr(GPtrArray) hosts = new_hosts();
    dm_seats_take(seats, NULL);
    dm_seats_take(seats, "");
    dm_seats_take(seats, "box  4");
    dm_seats_add_hosts(seats, "warm", hosts);
    g_assert_cmpuint(hosts->len, ==, 0);
    dm_seats_free(seats);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/seats/counts", test_counts);
    g_test_add_func("/seats/two_jobs", test_two_jobs);
    g_test_add_func("/seats/nonsense", test_nonsense);
    return g_test_run();
}
