// SPDX-License-Identifier: MIT
//
// The command line of mpirun: local, with a hostfile, shapes, environment.
#include "watcher/engine/launch.h"

#include <glib.h>
#include <string.h>

static char *extra[] = {(char *)"--mca", (char *)"oob_base_verbose", (char *)"10", NULL};
static const struct dm_engine_settings alone = {.mpirun = (char *)"/usr/bin/mpirun",
                                                .hostfile = (char *)""};
static const struct dm_engine_settings cluster = {.mpirun = (char *)"/usr/bin/mpirun",
                                                  .hostfile = (char *)"/etc/hosts.mpi",
                                                  .mpirun_args = extra};

static char *join(struct dm_launch launch) {
    g_auto(GStrv) argv = dm_launch_argv(&launch);
    return g_strjoinv(" ", argv);
}

static const struct dm_launch base = {
    .settings = &alone,
    .worker = "/w/dropmill-worker",
    .dir = "/run/d/session-7",
    .socket = "/run/d/session-7/socket",
    .shape = {2, 4, 1000},
};

static void test_local(void) {
    g_autofree char *line = join(base);
    g_assert_cmpstr(
        line, ==,
        "/usr/bin/mpirun --mca pml ob1 --mca odls_base_sigkill_timeout 0 "
        "--mca orte_abort_on_non_zero_status 1 --mca btl self,vader --mca plm isolated "
        "--mca btl_vader_backing_directory /run/d/session-7 --oversubscribe --wdir / --bind-to "
        "none -n 2 "
        "/w/dropmill-worker --session /run/d/session-7/socket --threads 4 --memory 1000");
}

static void test_remote(void) {
    struct dm_launch launch = base;
    launch.settings = &cluster;
    launch.remote = true;
    launch.shape = (struct dm_shape){0, 0, 0};
    launch.worker_args = (const char *const[]){"--no-jail", NULL};
    g_autofree char *line = join(launch);
    g_assert_cmpstr(
        line, ==,
        "/usr/bin/mpirun --mca pml ob1 --mca odls_base_sigkill_timeout 0 "
        "--mca orte_abort_on_non_zero_status 1 --mca btl self,vader,tcp "
        "--mca oob_tcp_keepalive_time 2 --mca oob_tcp_keepalive_intvl 1 "
        "--mca oob_tcp_keepalive_probes 2 --mca plm_rsh_no_tree_spawn 1 --oversubscribe --wdir / "
        "--bind-to none --hostfile /etc/hosts.mpi --mca oob_base_verbose 10 "
        "/w/dropmill-worker --session /run/d/session-7/socket --threads 0 --memory 0 --no-jail");
}

static void test_shape(void) {
    static const struct {
        struct dm_shape wanted;
        bool remote;
        int64_t cores;
        struct dm_shape got;
    } cases[] = {
        {{0, 0, 0}, false, 8, {1, 8, 0}},     {{3, 0, 0}, false, 8, {3, 2, 1000}},
        {{16, 0, 0}, false, 8, {16, 1, 187}}, {{2, 5, 77}, false, 8, {2, 5, 77}},
        {{0, 3, 0}, false, 1, {1, 3, 0}},     {{0, 0, 0}, true, 8, {0, 0, 0}},
        {{12, 0, 0}, true, 8, {12, 0, 0}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_shape got =
            dm_launch_shape(&cases[i].wanted, cases[i].remote, cases[i].cores, 6000);
        g_assert_cmpint(got.ranks, ==, cases[i].got.ranks);
        g_assert_cmpint(got.threads, ==, cases[i].got.threads);
        g_assert_cmpint(got.memory_bytes, ==, cases[i].got.memory_bytes);
    }
}

/** One rank here needs no mpirun, unless the administrator has words for it. */
static void test_alone(void) {
    struct dm_launch launch = base;
    launch.shape = (struct dm_shape){1, 4, 1000};
    g_autofree char *line = join(launch);
    g_assert_cmpstr(
        line, ==, "/w/dropmill-worker --session /run/d/session-7/socket --threads 4 --memory 1000");
    g_assert_false(dm_launch_needs_mpirun(&alone, false, 0));
    g_assert_true(dm_launch_needs_mpirun(&alone, false, 2));
    g_assert_true(dm_launch_needs_mpirun(&alone, true, 1));
    g_assert_true(dm_launch_needs_mpirun(&cluster, false, 1));
}

static void test_env(void) {
    static const char *const environment[] = {
        "PATH=/bin", "TMPDIR=/tmp", "OMPI_MCA_btl=tcp", "PMIX_RANK=3", "AWS_SECRET_ACCESS_KEY=x",
        NULL};
    g_auto(GStrv) user = dm_launch_env(environment, &base, false);
    g_assert_cmpstr(g_environ_getenv(user, "TMPDIR"), ==, base.dir);
    g_assert_cmpstr(g_environ_getenv(user, "PATH"), ==, "/bin");
    g_assert_cmpstr(g_environ_getenv(user, "OMPI_MCA_btl"), ==, "tcp");
    g_assert_null(g_environ_getenv(user, "OMPI_ALLOW_RUN_AS_ROOT"));
    g_assert_null(g_environ_getenv(user, "AWS_SECRET_ACCESS_KEY"));
    g_auto(GStrv) root = dm_launch_env(environment, &base, true);
    g_assert_cmpstr(g_environ_getenv(root, "OMPI_ALLOW_RUN_AS_ROOT"), ==, "1");
    g_assert_cmpstr(g_environ_getenv(root, "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"), ==, "1");
    struct dm_launch launch = base;
    launch.shape.ranks = 1;
    g_auto(GStrv) single = dm_launch_env(environment, &launch, true);
    g_assert_cmpstr(g_environ_getenv(single, "OMPI_MCA_ess_singleton_isolated"), ==, "1");
    g_assert_cmpstr(g_environ_getenv(single, "OMPI_MCA_btl"), ==, "self");
    g_assert_cmpstr(g_environ_getenv(single, "TMPDIR"), ==, base.dir);
    g_assert_null(g_environ_getenv(single, "PMIX_RANK"));
    g_assert_null(g_environ_getenv(single, "AWS_SECRET_ACCESS_KEY"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/launch/local", test_local);
    g_test_add_func("/launch/remote", test_remote);
    g_test_add_func("/launch/shape", test_shape);
    g_test_add_func("/launch/alone", test_alone);
    g_test_add_func("/launch/env", test_env);
    return g_test_run();
}
